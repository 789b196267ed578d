internal import Glibc
internal import SynSystem

/// What every Prometheus client library says of its process.
enum ProcessMetrics {
  /// The families; what /proc does not tell is absent.
  static var families: [MetricFamily] {
    let status = fields("/proc/self/stat")
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let page = sysconf(Int32(_SC_PAGESIZE))
    var families: [MetricFamily] = []
    if let descriptors = openDescriptors {
      families.append(MetricFamily("process_open_fds", .gauge, "Open file descriptors.", value: descriptors))
    }
    // The numbers of proc(5), less the two that stand before the name's end.
    if let user = status[11].flatMap(Double.init), let system = status[12].flatMap(Double.init) {
      families.append(
        MetricFamily(
          "process_cpu_seconds", .counter, "Processor time that was used.", value: (user + system) / ticks))
    }
    if let pages = status[21].flatMap(Int.init) {
      families.append(
        MetricFamily("process_resident_memory_bytes", .gauge, "Memory in use.", value: pages * page))
    }
    if let start = status[19].flatMap(Double.init), let boot = bootTime {
      families.append(
        MetricFamily(
          "process_start_time_seconds", .gauge, "When the process began, since 1970.", value: boot + start / ticks))
    }
    return families
  }

  private static var openDescriptors: Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = -1  // The folder itself.
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }

  private static var bootTime: Double? {
    guard let text = try? TextFile.read("/proc/stat", atMost: 1024 * 1024) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
  }

  private static func fields(_ path: String) -> [Int: String] {
    guard let text = try? TextFile.read(path, atMost: 4096), let end = text.lastIndex(of: ")") else { return [:] }
    let words = text[text.index(after: end)...].split(separator: " ").map(String.init)
    return Dictionary(uniqueKeysWithValues: zip(words.indices, words))
  }
}
