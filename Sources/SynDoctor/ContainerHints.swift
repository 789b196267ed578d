internal import Glibc

/// What tells a container, a sandbox or a virtual machine from a plain host; hints, no proof.
enum ContainerHints {
  /// What was found.
  static var found: [String] {
    var hints: [String] = []
    if isGVisor { hints.append("gvisor") }
    if SystemFile.exists("/.dockerenv") { hints.append("docker") }
    if SystemFile.exists("/run/.containerenv") { hints.append("podman") }
    if getenv("KUBERNETES_SERVICE_HOST") != nil { hints.append("kubernetes") }
    if let value = getenv("container").map({ String(cString: $0) }), !value.isEmpty, !hints.contains(value) {
      hints.append(value)
    }
    hints += cgroups.filter { !hints.contains($0) }
    return hints
  }

  /// gVisor's kernel names itself in newer releases, and was always built at the same moment in older ones.
  private static var isGVisor: Bool {
    let kernel = KernelNames()
    return kernel.release.lowercased().contains("gvisor") || kernel.version == "#1 SMP Sun Jan 10 15:06:54 PST 2016"
  }

  private static var cgroups: [String] {
    let text = SystemFile.text("/proc/1/cgroup") ?? ""
    return ["docker", "kubepods", "containerd", "crio", "lxc", "libpod", "machine.slice"].filter(text.contains)
  }
}
