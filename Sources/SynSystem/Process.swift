internal import CSyn
internal import Glibc

/// What this process may do.
package enum Process {
  /// The arguments of the program, without its name; Swift's own are empty where /proc is not mounted.
  package static var arguments: [String] {
    var found: [String] = []
    while let argument = csyn_argument(Int32(found.count) + 1) { found.append(String(cString: argument)) }
    return found
  }

  /// The name that the program was started under, without its folder.
  package static var name: String? {
    csyn_argument(0).flatMap { String(cString: $0).split(separator: "/", omittingEmptySubsequences: false).last }
      .map(String.init)
  }

  /// Whether the user's wish to stop the process (Ctrl-Z) waits in this thread until it is answered, or is followed at once.
  package static func hold(stops isHeld: Bool) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTSTP)
    pthread_sigmask(isHeld ? SIG_BLOCK : SIG_UNBLOCK, &signals, nil)
  }

  /// Stops the process as a terminal would, until its shell lets it go on; where there is no shell that could, it goes on.
  ///
  /// Wishes to stop must be held.
  package static func stop() {
    kill(getpid(), SIGTSTP)
    hold(stops: false)
    hold(stops: true)
  }

  /// Gives memory that is free back to the system, where the C library keeps it.
  package static func trimMemory() {
    csyn_trim_memory()
  }

  /// The variables of the environment; of one that is given twice, the first.
  package static var environment: [String: String] {
    var found: [String: String] = [:]
    var entry = environ
    while let current = entry.pointee {
      let parts = String(cString: current).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, found[String(parts[0])] == nil { found[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return found
  }

  /// Fills the standard descriptors that the program was started without.
  ///
  /// The next socket would become one of them, and results would be written into it. To write to what is filled in is an
  /// error, and to read from descriptor 0.
  package static func fillStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // Takes the lowest free number: this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// How many descriptors it may have open (RLIMIT_NOFILE).
  package static var descriptorLimit: Int { csyn_descriptor_limit() }

  /// Raises the soft limit on descriptors to the hard one: a command's to do, not a library's.
  package static func raiseDescriptorLimit() { csyn_raise_descriptor_limit() }
}
