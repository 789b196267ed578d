internal import CYAML
internal import SynCore

/// Reads documents by libyaml, as far as a configuration needs it: no tag, no key that is not a text.
///
/// What is not understood is an error. In a configuration nothing is expanded; files that others wrote may have anchors
/// and aliases, within a bound.
package struct YAMLReader: ~Copyable {
  private static let deepest = 16
  /// Values of a text with all its aliases written out: what is more is no file that anyone wrote.
  private static let mostValues = 100_000

  /// What anchors stand for; nil where they are not understood.
  private var anchors: [String: (node: YAMLNode, count: Int)]?
  private var count = 0

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

  /// The document of a text; nil when there is none in it.
  /// - Throws: `YAMLError` with the place.
  package static func read(_ text: String) throws(YAMLError) -> YAMLNode? {
    try with(text, anchors: nil) { (reader: inout YAMLReader) throws(YAMLError) in
      guard let root = try reader.document() else { return nil }
      guard let mark = try reader.rest() else { return root }
      throw YAMLError(mark: mark, problem: "a second document is not understood here")
    }
  }

  /// Every document of a text that somebody else wrote: with anchors, aliases and merge keys, within a bound.
  /// - Throws: `YAMLError` with the place.
  package static func readAll(_ text: String) throws(YAMLError) -> [YAMLNode] {
    try with(text, anchors: [:]) { (reader: inout YAMLReader) throws(YAMLError) in
      var documents: [YAMLNode] = []
      while let document = try reader.document() { documents.append(document) }
      return documents
    }
  }

  private static func with<Value>(
    _ text: String, anchors: [String: (node: YAMLNode, count: Int)]?,
    _ body: (inout YAMLReader) throws(YAMLError) -> Value
  ) throws(YAMLError) -> Value {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.utf8.count, 1))
    defer { bytes.deallocate() }
    _ = bytes.initialize(from: text.utf8)
    var reader = YAMLReader(anchors: anchors)
    guard yaml_parser_initialize(reader.parser) == 1 else { throw YAMLError(mark: nil, problem: "out of memory") }
    yaml_parser_set_input_string(reader.parser, bytes.baseAddress, text.utf8.count)
    return try body(&reader)
  }

  private init(anchors: [String: (node: YAMLNode, count: Int)]?) {
    self.anchors = anchors
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
      case alias(String)
      case sequenceStart, sequenceEnd, mappingStart, mappingEnd, documentStart, streamEnd, other
    }

    let kind: Kind
    let anchor: String?
    let mark: YAMLMark
  }

  /// The next document; nil at the end of the text.
  private mutating func document() throws(YAMLError) -> YAMLNode? {
    var first = try next()
    if case .other = first.kind { first = try next() }  // The start of the stream.
    guard case .documentStart = first.kind else { return nil }
    if anchors != nil { anchors = [:] }  // An anchor ends with its document.
    let root = try node(try next(), depth: 0)
    _ = try next()  // The end of the document.
    return root
  }

  /// Where more begins; nil at the end of the text.
  private mutating func rest() throws(YAMLError) -> YAMLMark? {
    let event = try next()
    if case .streamEnd = event.kind { return nil }
    return event.mark
  }

  private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth < YAMLReader.deepest else { throw YAMLError(mark: event.mark, problem: "nested too deeply") }
    if case .alias(let name) = event.kind { return try expansion(name, event.mark) }
    let before = count
    try add(1, event.mark)
    let content: YAMLNode.Content
    switch event.kind {
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    case .sequenceStart: content = .sequence(try elements(depth))
    case .mappingStart: content = .mapping(try members(depth))
    default: throw YAMLError(mark: event.mark, problem: "a value is needed")
    }
    let node = YAMLNode(content: content, mark: event.mark)
    if let name = event.anchor { anchors?[name] = (node, count - before) }
    return node
  }

  /// What an alias stands for; it counts as if it were written out.
  private mutating func expansion(_ name: String, _ mark: YAMLMark) throws(YAMLError) -> YAMLNode {
    guard let known = anchors?[name] else {
      throw YAMLError(mark: mark, problem: "there is no anchor '\(name.escaped)' before this alias")
    }
    try add(known.count, mark)
    return known.node
  }

  private mutating func add(_ more: Int, _ mark: YAMLMark) throws(YAMLError) {
    count += more
    guard count <= YAMLReader.mostValues else {
      throw YAMLError(mark: mark, problem: "more than \(YAMLReader.mostValues) values, with its aliases written out")
    }
  }

  private mutating func elements(_ depth: Int) throws(YAMLError) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind { return elements }
      elements.append(try node(event, depth: depth + 1))
    }
  }

  private mutating func members(_ depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
    var members: [YAMLNode.Member] = []
    var merged: [YAMLNode.Member] = []
    var keys: Set<String> = []
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { return members + merged.filter { keys.insert($0.key).inserted } }
      guard case .scalar(let key, _) = event.kind else { throw YAMLError(mark: event.mark, problem: "a key is a text") }
      guard keys.insert(key).inserted else {
        throw YAMLError(mark: event.mark, problem: "the key \(key.escaped) is given twice")
      }
      let value = try node(try next(), depth: depth + 1)
      if anchors != nil, key == "<<" {
        merged += YAMLReader.merged(value)
      } else {
        members.append(YAMLNode.Member(key: key, value: value))
      }
    }
  }

  /// The members that a merge key brings: of a mapping, or of several, the first of which go before.
  private static func merged(_ node: YAMLNode) -> [YAMLNode.Member] {
    switch node.content {
    case .mapping(let members): members
    case .sequence(let elements): elements.flatMap(merged)
    case .scalar: []
    }
  }

  // MARK: Events

  private func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    let mark = YAMLReader.mark(event.start_mark)
    let (kind, anchor) = try kind(event, mark)
    return Event(kind: kind, anchor: anchor, mark: mark)
  }

  private func kind(_ event: yaml_event_t, _ mark: YAMLMark) throws(YAMLError) -> (Event.Kind, anchor: String?) {
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let anchor = try anchor(scalar.anchor, scalar.tag, mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return (.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), anchor)
    case YAML_SEQUENCE_START_EVENT:
      return (.sequenceStart, try anchor(event.data.sequence_start.anchor, event.data.sequence_start.tag, mark))
    case YAML_MAPPING_START_EVENT:
      return (.mappingStart, try anchor(event.data.mapping_start.anchor, event.data.mapping_start.tag, mark))
    case YAML_ALIAS_EVENT:
      guard anchors != nil else { throw YAMLError(mark: mark, problem: "an alias is not understood here") }
      return (.alias(YAMLReader.text(event.data.alias.anchor)), nil)
    case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, nil)
    case YAML_MAPPING_END_EVENT: return (.mappingEnd, nil)
    case YAML_DOCUMENT_START_EVENT: return (.documentStart, nil)
    case YAML_STREAM_END_EVENT: return (.streamEnd, nil)
    default: return (.other, nil)
    }
  }

  /// The anchor of a node, where anchors are understood; a tag never is.
  private func anchor(
    _ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?, _ mark: YAMLMark
  ) throws(YAMLError) -> String? {
    if tag != nil { throw YAMLError(mark: mark, problem: "a tag is not understood here") }
    guard let anchor else { return nil }
    guard anchors != nil else { throw YAMLError(mark: mark, problem: "an anchor is not understood here") }
    return YAMLReader.text(anchor)
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>) -> String { String(cString: bytes) }

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
