package import SynProbe

extension HostReport: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("mode", mode)
      $0.member("reason", reason)
      $0.member("privileges", privileges)
      $0.member("trials", trials)
      $0.member("devices", devices)
      $0.member("system", system)
      $0.member("noise", noise)
      $0.member("signals", signals)
      $0.member("notes", notes)
    }
  }
}

extension HostReport.Privileges: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("user", user)
      $0.member("source", source)
      $0.member("effective", effective)
      $0.member("permitted", permitted)
      $0.member("bounding", bounding)
      $0.member("ambient", ambient)
      $0.member("no_new_privs", noNewPrivs)
      $0.member("seccomp", seccomp)
    }
  }
}

extension HostReport.Trial: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("what", what)
      $0.member("works", works)
      $0.member("error", error)
    }
  }
}

extension HostReport.Device: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("name", name)
      $0.member("up", up)
      $0.member("stamps", stamps)
      $0.member("qdiscs", qdiscs)
      $0.member("rp_filter", rpFilter)
    }
  }
}

extension HostReport.Stamps: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("queued", queued)
      $0.member("sent", sent)
      $0.member("received", received)
      $0.member("delivered", delivered)
    }
  }
}

extension HostReport.System: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("kernel", kernel)
      $0.member("libpcap", libpcap)
      $0.member("container", container)
      $0.member("clock_source", clockSource)
      $0.member("port_range", portRange)
      $0.member("conntrack", conntrack)
    }
  }
}

extension HostReport.Conntrack: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("count", count)
      $0.member("max", max)
    }
  }
}

extension HostReport.Noise: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("mode", mode)
      $0.member("probes", probes)
      $0.member("open", open)
      $0.member("rtt_ms", rttMs)
      $0.member("error", error)
    }
  }
}

extension HostReport.Signals: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("blocked", blocked)
      $0.member("ignored", ignored)
    }
  }
}

extension ProcessReport: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("pid", pid)
      $0.member("name", name)
      $0.member("threads", threads)
      $0.member("findings", findings)
    }
  }
}

extension ProcessReport.Thread: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object {
      $0.member("tid", tid)
      $0.member("name", name)
      $0.member("blocked", blocked)
      $0.member("ignored", ignored)
      $0.member("caught", caught)
      $0.member("pending", pending)
    }
  }
}
