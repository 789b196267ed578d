internal import Glibc

/// What tells a container, a sandbox or a virtual machine from a plain host; hints, no proof.
enum ContainerHints {
  /// What was found.
  static var found: [String] {
    var hints: [String] = []
    if SystemFile.text("/proc/version")?.contains("gVisor") == true { hints.append("gvisor") }
    if SystemFile.exists("/.dockerenv") { hints.append("docker") }
    if SystemFile.exists("/run/.containerenv") { hints.append("podman") }
    if getenv("KUBERNETES_SERVICE_HOST") != nil { hints.append("kubernetes") }
    if let value = getenv("container").map({ String(cString: $0) }), !value.isEmpty, !hints.contains(value) {
      hints.append(value)
    }
    hints += cgroups.filter { !hints.contains($0) }
    return hints
  }

  private static var cgroups: [String] {
    let text = SystemFile.text("/proc/1/cgroup") ?? ""
    return ["docker", "kubepods", "containerd", "crio", "lxc", "libpod", "machine.slice"].filter(text.contains)
  }
}
