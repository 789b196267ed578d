internal import CSyn

/// What this process may do.
package enum Process {
  /// The arguments of the program, without its name; Swift's own are empty where /proc is not mounted.
  package static var arguments: [String] {
    var found: [String] = []
    while let argument = csyn_argument(Int32(found.count) + 1) { found.append(String(cString: argument)) }
    return found
  }

  /// How many descriptors it may have open (RLIMIT_NOFILE).
  static var descriptorLimit: Int { csyn_descriptor_limit() }

  /// Raises the soft limit on descriptors to the hard one: a command's to do, not a library's.
  package static func raiseDescriptorLimit() { csyn_raise_descriptor_limit() }
}
