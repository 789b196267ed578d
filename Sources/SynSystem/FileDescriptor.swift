internal import Glibc

/// A descriptor that is closed when its owner goes.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The kernel's number.
  package let rawValue: Int32

  /// Takes over an open descriptor.
  package init(_ rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    close(rawValue)
  }
}
