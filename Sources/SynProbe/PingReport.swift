/// The JSON of a ping result, schema `synprobe.ping/1`: numbers are numbers, units are in the keys, absent is absent.
public struct PingReport: Sendable, Hashable {
  /// Name and version of this form.
  public var schema = "synprobe.ping/1"
  /// Who was probed.
  public var target: Target
  /// `syn` or `connect`.
  public var mode: String
  /// The device that the probes left by.
  public var interface: String?
  /// Their source address.
  public var source: String?
  /// Every way that probes took, where that is more than one: routes may depend on the source port, or change.
  public var paths: [Path]?
  /// UTC, RFC 3339 with microseconds.
  public var startedAt: String
  /// From the first probe to the end of the last.
  public var durationMs: Double
  /// Probes that ended: the sum of `outcomes`.
  public var attempted: Int
  /// Probes that were asked for, where fewer could be sent in the time of the run.
  public var requested: Int?
  /// Probes by outcome.
  public var outcomes: Outcomes
  /// Lost probes by place; no ratio before the first probe.
  public var loss: Loss
  /// Whether the target's listener answers; absent where it never fell silent, or no other port was asked.
  public var listener: Listener?
  /// What in this host may have dropped probes, as far as its counters tell; absent where none has grown.
  public var droppedBy: [DroppedBy]?
  /// Round trips of the target's answers, absent without one.
  public var rttMs: Summary?
  /// Where the time went, each absent without a stamp.
  public var segmentsMs: Segments?
  /// What was counted beside the outcomes.
  public var anomalies: Anomalies
  /// Where each of the four stamps came from, absent where it was never there.
  public var timestamps: Timestamps
  /// What the target's clock told, for a comparison later on; absent where it told nothing, or the probes are not listed.
  public var clocks: Clocks?
  /// The probes in order; absent in the summary of `jsonl`.
  public var probes: [Probe]?

  /// Who was probed.
  public struct Target: Sendable, Hashable {
    /// As the user wrote it.
    public var input: String
    /// The address that was probed.
    public var address: String
    /// The TCP port.
    public var port: Int
  }

  /// A way that probes took.
  public struct Path: Sendable, Hashable {
    /// The device.
    public var interface: String
    /// The source address.
    public var source: String
  }

  /// Probes by outcome.
  public struct Outcomes: Sendable, Hashable {
    /// SYN-ACK.
    public var open = 0
    /// RST.
    public var closed = 0
    /// ICMP error.
    public var filtered = 0
    /// No answer within the timeout.
    public var lost = 0
    /// Refused by this host.
    public var blocked = 0
    /// Another answer.
    public var unexpected = 0
    /// The run ended first.
    public var cancelled = 0
  }

  /// Lost probes by place.
  public struct Loss: Sendable, Hashable {
    /// Lost over waited for, 0 to 1; absent before the first probe has ended.
    public var ratio: Double?
    /// The probes that `ratio` counts, where a run was cut short: those before the first that was.
    public var of: Int?
    /// Queued, never sent.
    public var egress = 0
    /// Sent, no reply received.
    public var network = 0
    /// Received, never delivered.
    public var ingress = 0
    /// It cannot be told.
    public var unknown = 0
    /// Of those in the network: lost on the way to the target; absent where the direction was not asked for, as the next.
    public var forward: Int?
    /// Lost on the way back.
    public var back: Int?
    /// Lost on either way: nobody knows.
    public var undecided: Int?
    /// The shares of both ways.
    public var direction: Direction?
  }

  /// Whether the target's listener answers, or its host at another port.
  public struct Listener: Sendable, Hashable {
    /// `answers`, `silent` or `unknown`.
    public var state: String
    /// In words.
    public var reason: String
    /// The other port that answered, in whatever way; absent where none did.
    public var sibling: Int?
  }

  /// What the target's clock told, probe by probe.
  public struct Clocks: Sendable, Hashable {
    /// The start of this host that its own clock counts from.
    public var boot: String
    /// The target's answers.
    public var answers: [Reading]

    /// One answer.
    public struct Reading: Sendable, Hashable {
      /// The probe's source port.
      public var port: Int
      /// When the SYN was handed to the device, since the start of this host.
      public var sentMs: Double
      /// When the answer reached the device.
      public var receivedMs: Double
      /// TSval of the answer: the target's clock, in its own ticks.
      public var peerTicks: Int
    }
  }

  /// Which way probes are lost.
  public struct Direction: Sendable, Hashable {
    /// To the target; absent where the ways cannot be told apart.
    public var forward: Share?
    /// From it.
    public var back: Share?
    /// Why the direction of some losses is not known; absent where it is of all.
    public var undecidedBecause: String?
  }

  /// A share and where it may lie.
  public struct Share: Sendable, Hashable {
    /// The best single value, 0 to 1.
    public var ratio: Double
    /// Where the true one lies, at 95 % however often one looks.
    public var interval: ClosedRange<Double>
  }

  /// A distribution of times in milliseconds.
  public struct Summary: Sendable, Hashable {
    /// Smallest.
    public var min: Double
    /// Arithmetic mean.
    public var mean: Double
    /// Standard deviation of the sample; absent below two values.
    public var stddev: Double?
    /// Median.
    public var p50: Double
    /// 90th percentile.
    public var p90: Double
    /// 99th percentile.
    public var p99: Double
    /// Largest.
    public var max: Double
  }

  /// Median and maximum of one segment in milliseconds.
  public struct Segment: Sendable, Hashable {
    /// Median.
    public var p50: Double
    /// Largest.
    public var max: Double
  }

  /// Where the time went.
  public struct Segments: Sendable, Hashable {
    /// In this host's queueing disciplines.
    public var egress: Segment?
    /// Beyond this host's device.
    public var network: Segment?
    /// In this host's traffic control and netfilter on the way in.
    public var ingress: Segment?
  }

  /// What was counted beside the outcomes.
  public struct Anomalies: Sendable, Hashable {
    /// Copies made by the network.
    public var duplicates: UInt64 = 0
    /// The target's own repetitions.
    public var retransmissions: UInt64 = 0
    /// Answers after the timeout.
    public var late: UInt64 = 0
    /// Answers overtaken by a later probe's.
    public var reordered: UInt64 = 0
    /// Replies with a wrong checksum.
    public var corrupt: UInt64 = 0
    /// Replies that answer no probe.
    public var unmatched: UInt64 = 0
    /// Packets that this host's own buffers lost.
    public var captureDrops: UInt64 = 0
    /// Steps of the realtime clock.
    public var clockSteps: UInt64 = 0
    /// Ports at which the target held a connection of an earlier probe; absent when there were none.
    public var leftovers: UInt64?
    /// Times in which this process was not run; absent when there were none.
    public var stalls: UInt64?
  }

  /// Where each of the four stamps came from.
  public struct Timestamps: Sendable, Hashable {
    /// `kernel`.
    public var queued: String?
    /// `kernel`.
    public var sent: String?
    /// `capture`.
    public var received: String?
    /// `kernel`.
    public var delivered: String?
    /// `tcp_info`: the round trip is the kernel's own, of a handshake that it made.
    public var rtt: String?
  }

  /// One probe, schema `synprobe.probe/1` where it stands alone.
  public struct Probe: Sendable, Hashable {
    /// Set where the object stands alone on a line.
    public var schema: String?
    /// The target as the user wrote it, where the object stands alone on a line.
    public var target: String?
    /// Its number in the series, from 0.
    public var seq: Int
    /// When it was handed to the kernel: RFC 3339, UTC, with microseconds.
    public var at: String?
    /// One of the seven outcomes.
    public var outcome: String
    /// Of a lost probe: egress, network (or forward or back, where the way is known), ingress or unknown.
    public var place: String?
    /// Round trip.
    public var rttMs: Double?
    /// Its part in this host's egress.
    public var egressMs: Double?
    /// Of that: how long it was held before its queueing discipline, waiting for the link address of the next hop (ARP,
    /// ND) or in a packet queue of this host.
    public var heldMs: Double?
    /// What held it: `neighbour` or `packet queue`.
    public var heldBy: String?
    /// Its part in the network.
    public var networkMs: Double?
    /// Its part in this host's ingress.
    public var ingressMs: Double?
    /// Time to live, or hop limit, of the answer.
    public var ttl: Int?
    /// Receive window of the answer.
    public var window: Int?
    /// MSS option of the answer.
    public var mss: Int?
    /// Source port of the probe.
    public var sourcePort: Int?
    /// Round trip of an answer after the timeout.
    public var lateMs: Double?
    /// The ICMP error that ended the probe, or one that ended nothing, such as "fragmentation needed".
    public var icmp: ICMP?
    /// Who answered in the target's stead, as connect(2) would refuse it.
    public var stranger: String?
    /// Of a blocked probe: the error's name, as `EPERM`.
    public var errno: String?
    /// Of an unexpected answer: its flags, as `SYN-ACK`.
    public var flags: String?
    /// Why this host's kernel dropped it, where that was asked for.
    public var drop: Drop?
    /// In words, of whatever is not an answer.
    public var reason: String?
  }

  /// An ICMP error.
  public struct ICMP: Sendable, Hashable {
    /// Type field.
    public var type: Int
    /// Code field.
    public var code: Int
    /// The address that sent it.
    public var from: String
  }
}
