internal import NIOCore
internal import SynProbe

/// One piece of a stream, as Server-Sent Events writes it (WHATWG HTML, 9.2): encoded once, for whoever reads it.
enum StreamFrame {
  /// What a stream tells.
  enum Event: String {
    /// A probe that has ended.
    case probe
    /// What there was so far, each second.
    case summary
    /// What becomes of claims, each second.
    case verdict
    /// Something has changed.
    case onset
    /// It is as it was before.
    case recovery
    /// Nothing further comes.
    case end
  }

  /// An event; with an identifier the client can ask for what follows it.
  static func event(_ event: Event, id: String? = nil, _ value: some JSONWritable) -> ByteBuffer {
    var buffer = ByteBuffer()
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("event: \(event.rawValue)\ndata: ")
    var json = JSONWriter()
    json.element(value)
    buffer.writeBytes(json.bytes)
    buffer.writeString("\n\n")
    return buffer
  }

  /// What clients do not show: a sign of life, or a word for whoever looks at the bytes.
  static func comment(_ text: String) -> ByteBuffer { ByteBuffer(string: ": \(text)\n\n") }

  /// How soon a client tries again whose connection has ended.
  static let opening = ByteBuffer(string: "retry: 1000\n\n")
}
