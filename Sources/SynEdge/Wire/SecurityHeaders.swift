/// Header fields of every answer.
package enum SecurityHeaders {
  /// None of the answers is for a browser to guess at, to keep, or to show inside another page.
  package static let all = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
  ]

  /// In place of those of the same name, where a browser is meant to show it: nothing but this service's own files.
  package static let ofPage = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
  ]
}
