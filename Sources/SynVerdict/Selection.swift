/// Finds what stands at a place of the ascending order, without the order of the others.
enum Selection {
  /// The element that `values.sorted()` has at `index` (Hoare, 1961).
  /// - Complexity: O(n) in the mean.
  static func element(_ index: Int, of values: some Collection<Double>) -> Double {
    var values = Array(values)
    var (low, high) = (0, values.count - 1)
    while low < high {
      let pivot = values[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while pivot < values[right] { right -= 1 }
        guard left <= right else { break }
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
      if index <= right {
        high = right
      } else if index >= left {
        low = left
      } else {
        break
      }
    }
    return values[index]
  }
}
