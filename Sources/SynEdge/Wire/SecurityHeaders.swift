/// Header fields of every answer.
package enum SecurityHeaders {
  /// None of the answers is for a browser to guess at, to keep, or to show inside another page.
  package static let all = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
  ]
}
