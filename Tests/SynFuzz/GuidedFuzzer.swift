#if GUIDED
  import Glibc

  /// libFuzzer's driver, linked by `scripts/fuzz --guided`: it chooses the inputs by the code that they reach.
  enum GuidedFuzzer {
    nonisolated(unsafe) private static var points = EntryPoints()

    /// Runs with the program's arguments, of which the last is the folder of the corpus.
    static func run() -> Int32 {
      if let folder = CommandLine.arguments.last { plant(in: folder) }
      var count = CommandLine.argc
      var arguments = CommandLine.unsafeArgv
      return drive(&count, &arguments) { bytes, length in
        GuidedFuzzer.points.run(Array(UnsafeBufferPointer(start: bytes, count: length)))
        return 0
      }
    }

    /// Right inputs to start from.
    private static func plant(in folder: String) {
      for (number, input) in Corpus.inputs.enumerated() {
        guard let file = fopen("\(folder)/right-\(number)", "w") else { continue }
        fwrite(input, 1, input.count, file)
        fclose(file)
      }
    }
  }

  @_silgen_name("LLVMFuzzerRunDriver")
  private func drive(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32
#endif
