# SPDX-License-Identifier: Apache-2.0
"""The replay itself: a story that is not true fails, whichever word of it is false."""

import copy
import unittest

from replay import ALL_WORDS, ANSWER_WORDS, EXCHANGE_WORDS, Replay

from uncut_harness import Harness

NAME = "www.replay.example."
SCENARIO = {
    "name": "replay",
    "title": "A story for the replay's own tests",
    "description": "Forty addresses that are truncated over UDP.",
    "policies": {"default": {}},
    "answers": [{"name": NAME, "type": "A", "addresses": 40}],
    "faults": [],
    "udp_octets_max": 512,
    "story": [],
}
TRUE = {
    "ask": {"name": NAME},
    "expect": {"rcode": "NOERROR", "tc": False, "addresses": 40, "records": 40, "edns": True, "octets_min": 513},
    "journal": {"verdict": "truncated", "asked": ["udp", "tcp"], "asks_max": 2, "ignored": [], "timeouts": 0},
    "in_all": {"exchanges": 1, "sent_over_tcp": 1, "joined_over_tcp": 0},
}


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.h = cls.enterClassContext(Harness())
        cls.h.scenario(SCENARIO)

    def tell(self, *steps):
        """How many failures and errors a story has."""
        harness = self.h

        class Story(unittest.TestCase):
            def runTest(self):
                Replay(self, harness, SCENARIO | {"story": list(steps)}).run()

        result = Story().run()
        return len(result.failures), len(result.errors)

    def test_a_true_story_is_true(self):
        self.assertEqual(self.tell(TRUE, TRUE | {"ask": {"name": NAME, "copies": 3}, "in_all": {}}), (0, 0))

    def test_each_word_that_is_false_is_a_failure(self):
        for part, words in [("expect", ANSWER_WORDS), ("journal", EXCHANGE_WORDS), ("in_all", ALL_WORDS)]:
            for word in words:
                with self.subTest(part=part, word=word):
                    self.assertEqual(self.tell({"ask": {"name": NAME}, part: {word: "what nobody says"}}), (1, 0))

    def test_each_bound_that_is_passed_is_a_failure(self):
        for bound in [{"octets_max": 100}, {"addresses_min": 41}, {"records_max": 39}]:
            with self.subTest(bound):
                self.assertEqual(self.tell({"ask": {"name": NAME}, "expect": bound}), (1, 0))

    def test_a_list_of_lists_means_one_of_these(self):
        for asked, failures in [([["udp"], ["udp", "tcp"]], 0), ([["udp"], ["tcp"]], 1)]:
            with self.subTest(asked):
                self.assertEqual(self.tell({"ask": {"name": NAME}, "journal": {"asked": asked}}), (failures, 0))

    def test_a_word_that_is_not_known_is_a_failure(self):
        for step in [
            {"expects": {}},
            {"expect": {"adresses": 40}},
            {"journal": {"ask": 2}},
            {"in_all": {"all": 1}},
            {"ask": {"name": NAME, "buffsize": 512}},
            {"ask": {"name": NAME, "server": "upstream"}},
        ]:
            with self.subTest(step):
                self.assertEqual(self.tell({"ask": {"name": NAME}} | step), (1, 0))

    def test_the_steps_behind_a_false_one_are_told_all_the_same(self):
        false = copy.deepcopy(TRUE)
        false["expect"]["addresses"] = 7
        self.assertEqual(self.tell(false, TRUE, false, TRUE), (2, 0))


if __name__ == "__main__":
    unittest.main()
