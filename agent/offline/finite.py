"""Phrases as one small automaton.

pocketsphinx compiles JSGF by copying every rule to every place that names it: with a company's parts in twenty
phrases the search took 0.3 s to build and over a second per sentence. The same language as a minimal deterministic
automaton takes a tenth of both. Phrases have no loops, so states can be merged from the end backwards.
"""

from collections.abc import Iterable, Mapping

from agent.offline.phrase_syntax import Choice, Node, Sequence, Slot, Word

UNLIKELY = 0.03

Transition = tuple[int, int, float] | tuple[int, int, float, str]


class _Nondeterministic:
    """The automaton as drawn from the trees: a list of (word or None, next state) per state."""

    def __init__(self, rules: Mapping[str, Node]) -> None:
        self.edges: list[list[tuple[str | None, int]]] = []
        self._rules = rules

    def state(self) -> int:
        self.edges.append([])
        return len(self.edges) - 1

    def add(self, node: Node, start: int, end: int) -> None:
        match node:
            case Word(text):
                self.edges[start].append((text, end))
            case Slot(name):
                self.add(self._rules[name], start, end)
            case Choice(options):
                for option in options:
                    self.add(option, start, end)
            case Sequence(()):
                self.edges[start].append((None, end))
            case Sequence(parts):
                for part in parts[:-1]:
                    middle = self.state()
                    self.add(part, start, middle)
                    start = middle
                self.add(parts[-1], start, end)

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        found, waiting = set(states), list(states)
        while waiting:
            for word, target in self.edges[waiting.pop()]:
                if word is None and target not in found:
                    found.add(target)
                    waiting.append(target)
        return frozenset(found)


class Automaton:
    """A minimal deterministic acyclic automaton of a tree.

    Raises KeyError for a slot without a rule.
    """

    def __init__(self, tree: Node, rules: Mapping[str, Node], unlikely: frozenset[str] = frozenset()) -> None:
        self._unlikely = unlikely
        source = _Nondeterministic(rules)
        start, end = source.state(), source.state()
        source.add(tree, start, end)
        self._source, self._end = source, end
        self._minimal: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}
        self._states: list[tuple[bool, tuple[tuple[str, int], ...]]] = []
        self._done: dict[frozenset[int], int] = {}
        self._first = self._build(source.closure(frozenset({start})))

    def _build(self, states: frozenset[int]) -> int:
        if states in self._done:
            return self._done[states]
        targets: dict[str, set[int]] = {}
        for state in states:
            for word, target in self._source.edges[state]:
                if word is not None:
                    targets.setdefault(word, set()).add(target)
        arcs = tuple(
            (word, self._build(self._source.closure(frozenset(reached)))) for word, reached in sorted(targets.items())
        )
        shape = (self._end in states, arcs)
        if shape not in self._minimal:
            self._minimal[shape] = len(self._states)
            self._states.append(shape)
        self._done[states] = self._minimal[shape]
        return self._done[states]

    def transitions(self) -> tuple[int, int, list[Transition]]:
        """Start, final state and transitions as pocketsphinx takes them. Words weigh the same, so that the sound
        decides and path scores can be compared with those of other searches; `unlikely` ones weigh less."""
        final = len(self._states)
        moves: list[Transition] = []
        for state, (accepting, arcs) in enumerate(self._states):
            moves += [(state, target, UNLIKELY if word in self._unlikely else 1.0, word) for word, target in arcs]
            if accepting:
                moves.append((state, final, 1.0))
        return self._first, final, moves

    def words(self) -> set[str]:
        """Every word that can be said."""
        return {word for _, arcs in self._states for word, _ in arcs}

    def accepts(self, words: Iterable[str]) -> bool:
        """Whether exactly these words can be said."""
        state = self._first
        for word in words:
            following = dict(self._states[state][1]).get(word)
            if following is None:
                return False
            state = following
        return self._states[state][0]
