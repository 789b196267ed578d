internal import Glibc

/// What the kernel says of itself (uname(2)).
struct KernelNames {
  let release: String
  let version: String
  let machine: String

  init() {
    var names = utsname()
    uname(&names)
    func text(_ field: UnsafeRawBufferPointer) -> String {
      String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
    release = withUnsafeBytes(of: names.release, text)
    version = withUnsafeBytes(of: names.version, text)
    machine = withUnsafeBytes(of: names.machine, text)
  }
}
