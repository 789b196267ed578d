"""Public symbols that nothing is said of, a line each: documented.py SYMBOL_GRAPH...; status 1 where there are any."""
import json
import sys


def undocumented(graph):
    """Those that are declared in the module's own sources: what the compiler derives has nobody who could say something."""
    for symbol in graph["symbols"]:
        if "location" in symbol and not symbol.get("docComment"):
            place = symbol["location"]["uri"].rpartition("/Sources/")[2]
            yield f"{place}:{symbol['location']['position']['line'] + 1}: {'.'.join(symbol['pathComponents'])}"


found = []
symbols = 0
for path in sys.argv[1:]:
    with open(path) as file:
        graph = json.load(file)
    symbols += len(graph["symbols"])
    found += undocumented(graph)
print(*found, sep="\n", end="\n" if found else "")
print(f"{symbols} public symbols, {len(found)} undocumented")
sys.exit(bool(found) or not symbols)
