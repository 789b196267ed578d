internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynYAML

/// Reads the section `limits`.
struct LimitsReader {
  let file: ConfigurationFile

  func read(_ section: YAMLNode) throws(ConfigurationError) -> ServiceLimits {
    var limits = ServiceLimits()
    for (key, node) in try file.members(of: section, "limits") {
      let value = try file.text(of: node, key)
      let place = file.place(node, "limits.\(key)")
      switch key {
      case "connections": limits.connections = try number(value, 1...100_000, place)
      case "connections_per_client": limits.connectionsPerClient = try number(value, 1...100_000, place)
      case "concurrent_probes": limits.concurrentProbes = try number(value, 1...100_000, place)
      case "requests_per_second":
        limits.requestsPerSecond = try number(value, 1...1_000_000, place)
        limits.concernsLoopback = true
      case "targets_per_minute":
        limits.targetsPerMinute = try number(value, 1...1_000_000, place)
        limits.concernsLoopback = true
      case "probes_per_second": limits.probesPerSecond = try number(value, 1...10_000_000, place)
      case "probes_per_second_per_address":
        limits.probesPerSecondPerAddress = try number(value, 1...10_000_000, place)
      case "count": limits.count = try number(value, 1...100_000, place)
      case "duration": limits.duration = try duration(value, place)
      case "interval": limits.interval = try duration(value, place)
      default:
        throw ConfigurationError(
          place,
          "there is no such limit; the limits are connections, connections_per_client, concurrent_probes,"
            + " requests_per_second, targets_per_minute, probes_per_second, probes_per_second_per_address, count, duration,"
            + " interval")
      }
    }
    return limits
  }
}

/// Reads one entry of the section `modules`.
struct ModuleReader {
  let file: ConfigurationFile
  let name: String

  func read(_ section: YAMLNode) throws(ConfigurationError) -> SeriesParameters {
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    guard (1...64).contains(name.count), name.allSatisfy(letters.contains) else {
      throw ConfigurationError(
        file.place(section, "modules"), "'\(name.escaped)' is not a name of up to 64 letters, digits, '_', '-' and '.'")
    }
    var module = SeriesParameters.module
    for (key, node) in try file.members(of: section, name) {
      let value = try file.text(of: node, key)
      let place = file.place(node, "modules.\(name).\(key)")
      switch key {
      case "mode":
        guard value == "auto" || ProbeMode(rawValue: value) != nil else {
          throw ConfigurationError(place, "'\(value.escaped)' is none of auto, syn, connect")
        }
        module.mode = ProbeMode(rawValue: value)
      case "count": module.count = try number(value, 1...1000, place)
      case "interval": module.interval = try duration(value, place)
      case "timeout": module.timeout = try duration(value, place)
      case "direction": module.tellsDirection = try ConfigurationLayer.flag(value, place)
      default:
        throw ConfigurationError(place, "there is no such key; the keys are mode, count, interval, timeout, direction")
      }
    }
    return module
  }
}

private func number(_ text: String, _ range: ClosedRange<Int>, _ place: String) throws(ConfigurationError) -> Int {
  guard let value = Int(plain: text, in: range) else {
    throw ConfigurationError(
      place, "'\(text.escaped)' is not a number from \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

private func duration(_ text: String, _ place: String) throws(ConfigurationError) -> Duration {
  do throws(Duration.ParseError) { return try Duration.parse(text) } catch {
    throw ConfigurationError(place, "\(error)")
  }
}
