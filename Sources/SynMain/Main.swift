internal import SynCommand

/// The program `synprobe`: all that it does is in SynCommand, where tests can reach it.
@main
enum Main {
  static func main() {
    SynProbeCommand.main()
  }
}
