internal import SynWire

/// In files of evidence a result is one object, whatever is apart in memory.
extension ProbeResult: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, request, submitted, localPort, outcome, observation, reply, cause, drop, stranger, noted
  }

  /// Reads a result.
  /// - Throws: `DecodingError` for what is none.
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try members.decode(ProbeID.self, forKey: .id),
      request: try members.decode(ProbeRequest.self, forKey: .request),
      submitted: try members.decode(MonotonicInstant.self, forKey: .submitted),
      localPort: try members.decodeIfPresent(UInt16.self, forKey: .localPort),
      outcome: try members.decode(ProbeOutcome.self, forKey: .outcome),
      observation: try members.decode(Observation.self, forKey: .observation),
      reply: try members.decodeIfPresent(ReplyFacts.self, forKey: .reply))
    cause = try members.decodeIfPresent(LossCause.self, forKey: .cause)
    drop = try members.decodeIfPresent(DropReason.self, forKey: .drop)
    stranger = try members.decodeIfPresent(Endpoint.self, forKey: .stranger)
    noted = try members.decodeIfPresent(ICMPError.self, forKey: .noted)
  }

  /// Writes it.
  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(id, forKey: .id)
    try members.encode(request, forKey: .request)
    try members.encode(submitted, forKey: .submitted)
    try members.encodeIfPresent(localPort, forKey: .localPort)
    try members.encode(outcome, forKey: .outcome)
    try members.encode(observation, forKey: .observation)
    try members.encodeIfPresent(reply, forKey: .reply)
    try members.encodeIfPresent(cause, forKey: .cause)
    try members.encodeIfPresent(drop, forKey: .drop)
    try members.encodeIfPresent(stranger, forKey: .stranger)
    try members.encodeIfPresent(noted, forKey: .noted)
  }
}
