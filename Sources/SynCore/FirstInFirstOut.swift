/// A queue whose elements leave in the order in which they came.
package struct FirstInFirstOut<Element> {
  private var elements: [Element] = []
  private var head = 0

  /// Nothing in it.
  package init() {}

  package var isEmpty: Bool { head == elements.count }

  /// The element that came first.
  package var first: Element? { isEmpty ? nil : elements[head] }

  /// Every element, in the order in which they came.
  var all: [Element] { Array(elements[head...]) }

  /// The elements up to the first for which the condition does not hold.
  func prefix(while condition: (Element) -> Bool) -> ArraySlice<Element> { elements[head...].prefix(while: condition) }

  package mutating func append(_ element: Element) {
    elements.append(element)
  }

  /// - Complexity: O(1), amortised.
  package mutating func popFirst() -> Element? {
    guard let first else { return nil }
    head += 1
    if isEmpty {
      // What is small is kept for those to come.
      elements.removeAll(keepingCapacity: elements.capacity <= 4096)
      head = 0
    } else if head > 1024, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }
}

extension FirstInFirstOut: Sendable where Element: Sendable {}
