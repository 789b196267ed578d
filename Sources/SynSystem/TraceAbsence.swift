package import CSyn
internal import Glibc

/// Why the kernel cannot be asked why it drops packets, and what to do about it.
package enum TraceAbsence: Error, Equatable, CustomStringConvertible {
  case notBuilt, noLibrary, noTypes, notPermitted, refused(errno: Int32), kernelsPorts

  package var description: String {
    switch self {
    case .notBuilt: "this program was built without libbpf: install libbpf-dev and build it again"
    case .noLibrary: "libbpf.so.1 is missing: install libbpf1"
    case .noTypes: "this kernel gives no reasons, or not its types (/sys/kernel/btf/vmlinux): Linux 5.17 or later does"
    case .notPermitted:
      "CAP_BPF and CAP_PERFMON are missing: run it as root, or setcap cap_net_raw,cap_bpf,cap_perfmon,cap_syslog+p"
    case .refused(let errno): "the kernel refused it: \(String(cString: strerror(errno)))"
    case .kernelsPorts: "in mode connect the kernel chooses the ports"
    }
  }
}

extension TraceAbsence {
  package init?(_ absence: csyn_trace_absence, errno: Int32) {
    switch absence {
    case CSYN_TRACE_OPENED: return nil
    case CSYN_TRACE_NOT_BUILT: self = .notBuilt
    case CSYN_TRACE_NO_LIBRARY: self = .noLibrary
    case CSYN_TRACE_NO_TYPES: self = .noTypes
    case CSYN_TRACE_NOT_PERMITTED: self = .notPermitted
    default: self = .refused(errno: errno)
    }
  }
}
