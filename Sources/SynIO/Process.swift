internal import CSyn

/// What this process may do.
package enum Process {
  /// How many descriptors it may have open (RLIMIT_NOFILE).
  static var descriptorLimit: Int { csyn_descriptor_limit() }

  /// Raises the soft limit on descriptors to the hard one: a command's to do, not a library's.
  package static func raiseDescriptorLimit() { csyn_raise_descriptor_limit() }
}
