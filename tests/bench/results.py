# SPDX-License-Identifier: GPL-2.0
"""Lines of benchmarks: "version WHAT VALUE", "bench NAME VALUE UNIT", and in what
is kept "why NAME VALUE REASON"."""


class Results:
    def __init__(self, lines):
        self.versions, self.values, self.units, self.whys = {}, {}, {}, {}
        for line in lines:
            kind, *words = line.split() or ['#']
            if kind == 'version':
                self.versions[words[0]] = ' '.join(words[1:])
            elif kind == 'bench':
                self.values[words[0]] = float(words[1])
                self.units[words[0]] = words[2]
            elif kind == 'why':
                self.whys[words[0]] = float(words[1]), ' '.join(words[2:])

    @classmethod
    def read(cls, path):
        with open(path, encoding='utf-8') as file:
            return cls(file)

    def allowed(self, name):
        """Up to where this line is as good as what is kept."""
        return 1.05 * max(self.values[name], self.whys.get(name, (0,))[0])
