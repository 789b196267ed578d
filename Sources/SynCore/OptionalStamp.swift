/// A kernel time stamp, or none, in eight bytes.
struct OptionalStamp {
  private var nanoseconds = Int64.min

  /// The stamp; the first moment that can be told stands for none.
  var time: KernelTimestamp? {
    get { nanoseconds == .min ? nil : KernelTimestamp(nanoseconds: nanoseconds) }
    set { nanoseconds = newValue?.nanoseconds ?? .min }
  }

  init(_ time: KernelTimestamp? = nil) {
    self.time = time
  }
}
