internal import CYAML
internal import SynCore

/// Reads one document by libyaml, as far as a configuration needs it: no alias, no tag, no key that is not a text.
///
/// What is not understood is an error, and so is what would grow beyond the text: nothing is expanded or guessed at.
package struct YAMLReader: ~Copyable {
  private static let deepest = 16

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

  /// The document of a text; nil when there is none in it.
  /// - Throws: `YAMLError` with the place.
  package static func read(_ text: String) throws(YAMLError) -> YAMLNode? {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.utf8.count, 1))
    defer { bytes.deallocate() }
    _ = bytes.initialize(from: text.utf8)
    let reader = YAMLReader()
    guard yaml_parser_initialize(reader.parser) == 1 else { throw YAMLError(mark: nil, problem: "out of memory") }
    yaml_parser_set_input_string(reader.parser, bytes.baseAddress, text.utf8.count)
    return try reader.document()
  }

  private init() {
    parser.initialize(to: yaml_parser_t())
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// One event of the parser.
  private struct Event {
    enum Kind {
      case scalar(String, isPlain: Bool)
      case sequenceStart, sequenceEnd, mappingStart, mappingEnd, documentStart, streamEnd, other
    }

    let kind: Kind
    let mark: YAMLMark
  }

  private func document() throws(YAMLError) -> YAMLNode? {
    _ = try next()  // The start of the stream.
    let first = try next()
    guard case .documentStart = first.kind else { return nil }
    let root = try node(try next(), depth: 0)
    _ = try next()  // The end of the document.
    let last = try next()
    guard case .streamEnd = last.kind else {
      throw YAMLError(mark: last.mark, problem: "a second document is not understood here")
    }
    return root
  }

  private func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth < YAMLReader.deepest else { throw YAMLError(mark: event.mark, problem: "nested too deeply") }
    switch event.kind {
    case .scalar(let text, let isPlain):
      return YAMLNode(content: .scalar(text, isPlain: isPlain), mark: event.mark)
    case .sequenceStart: return YAMLNode(content: .sequence(try elements(depth)), mark: event.mark)
    case .mappingStart: return YAMLNode(content: .mapping(try members(depth)), mark: event.mark)
    default: throw YAMLError(mark: event.mark, problem: "a value is needed")
    }
  }

  private func elements(_ depth: Int) throws(YAMLError) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind { return elements }
      elements.append(try node(event, depth: depth + 1))
    }
  }

  private func members(_ depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
    var members: [YAMLNode.Member] = []
    var keys: Set<String> = []
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { return members }
      guard case .scalar(let key, _) = event.kind else { throw YAMLError(mark: event.mark, problem: "a key is a text") }
      guard keys.insert(key).inserted else {
        throw YAMLError(mark: event.mark, problem: "the key \(key.escaped) is given twice")
      }
      members.append(YAMLNode.Member(key: key, value: try node(try next(), depth: depth + 1)))
    }
  }

  // MARK: Events

  private func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    let mark = YAMLReader.mark(event.start_mark)
    return Event(kind: try YAMLReader.kind(event, mark), mark: mark)
  }

  private static func kind(_ event: yaml_event_t, _ mark: YAMLMark) throws(YAMLError) -> Event.Kind {
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(scalar.anchor, scalar.tag, mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(event.data.sequence_start.anchor, event.data.sequence_start.tag, mark)
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      try refuse(event.data.mapping_start.anchor, event.data.mapping_start.tag, mark)
      return .mappingStart
    case YAML_ALIAS_EVENT: throw YAMLError(mark: mark, problem: "an alias is not understood here")
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    default: return .other
    }
  }

  private static func refuse(
    _ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?, _ mark: YAMLMark
  ) throws(YAMLError) {
    if anchor != nil { throw YAMLError(mark: mark, problem: "an anchor is not understood here") }
    if tag != nil { throw YAMLError(mark: mark, problem: "a tag is not understood here") }
  }

  private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
    YAMLMark(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }

  /// What the parser stumbled on.
  private var failure: YAMLError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "no YAML"
    // The reader of the bytes has no mark of its own.
    let mark = state.error == YAML_READER_ERROR ? nil : YAMLReader.mark(state.problem_mark)
    return YAMLError(mark: mark, problem: problem)
  }
}
