/// Values by their keys in bounded memory: when there are too many, those that are as good as new are forgotten, and while
/// there is no room the newcomers share one.
package struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// How many keys are known at most, beside the shared one.
  package let most: Int
  /// Stands for those for whom there is no room.
  package let shared: Key
  private var values: [Key: Value] = [:]

  package init(most: Int, shared: Key) {
    self.most = most
    self.shared = shared
  }

  /// Changes the value of a key in place, beginning with a fresh one where there is none.
  package mutating func update<Result>(
    _ key: Key, fresh: @autoclosure () -> Value, isAsNew: (Value) -> Bool, _ body: (inout Value) -> Result
  ) -> Result {
    var key = key
    if values[key] == nil, values.count >= most {
      values = values.filter { !isAsNew($0.value) }
      if values.count >= most { key = shared }
    }
    return body(&values[key, default: fresh()])
  }
}
