// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/exposition.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

namespace uncut::harness::test {
namespace {

bool is_name_char(char c, bool first) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

/// Takes one line apart from its front.
class Line {
  public:
    explicit Line(std::string_view text) : text_(text), rest_(text) {}

    bool take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    void expect(std::string_view token) {
        if (!take(token)) fail("expected \"" + std::string(token) + "\"");
    }
    std::string name() {
        std::size_t octets = 0;
        while (octets < rest_.size() && is_name_char(rest_[octets], octets == 0)) ++octets;
        if (octets == 0) fail("expected a name");
        return cut(octets);
    }
    /// A label's value behind its opening quote, and its closing quote.
    std::string quoted() {
        std::string value;
        while (!take("\"")) {
            if (take("\\")) {
                if (take("n")) {
                    value += '\n';
                } else if (rest_.starts_with('\\') || rest_.starts_with('"')) {
                    value += cut(1);
                } else {
                    fail("expected an escape: \\\\, \\\" or \\n");
                }
            } else if (rest_.empty()) {
                fail("expected a closing quote");
            } else {
                value += cut(1);
            }
        }
        return value;
    }
    double number() {
        if (take("+Inf")) return std::numeric_limits<double>::infinity();
        double value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc() || end != rest_.data() + rest_.size()) fail("expected a number and nothing else");
        rest_ = {};
        return value;
    }
    std::string all() { return cut(rest_.size()); }
    void end() {
        if (!rest_.empty()) fail("expected the end of the line");
    }
    [[noreturn]] void fail(const std::string& why) const {
        throw std::runtime_error(why + ", got \"" + std::string(rest_) + "\" in: " + std::string(text_));
    }

  private:
    std::string cut(std::size_t octets) {
        std::string taken(rest_.substr(0, octets));
        rest_.remove_prefix(octets);
        return taken;
    }

    std::string_view text_;
    std::string_view rest_;
};

Sample read_sample(Line& line) {
    Sample sample;
    sample.name = line.name();
    if (line.take("{")) {
        do {
            const std::string label = line.name();
            line.expect("=\"");
            if (!sample.labels.emplace(label, line.quoted()).second) line.fail("the label " + label + " came twice");
        } while (line.take(","));
        line.expect("}");
    }
    line.expect(" ");
    sample.value = line.number();
    line.end();
    return sample;
}

// The family that a sample belongs to: histograms have three names.
std::string family_of(const Sample& sample, const std::map<std::string, std::string>& types) {
    for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
        if (!sample.name.ends_with(suffix)) continue;
        const std::string base = sample.name.substr(0, sample.name.size() - suffix.size());
        if (const auto found = types.find(base); found != types.end() && found->second == "histogram") return base;
    }
    return sample.name;
}

}  // namespace

double Exposition::sum(std::string_view name, const std::map<std::string, std::string>& labels) const {
    double total = 0;
    for (const Sample& sample : samples) {
        const bool wanted = std::ranges::all_of(labels, [&sample](const auto& label) {
            const auto found = sample.labels.find(label.first);
            return found != sample.labels.end() && found->second == label.second;
        });
        if (sample.name == name && wanted) total += sample.value;
    }
    return total;
}

Exposition parse_exposition(std::string_view text) {
    Exposition exposition;
    std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
    std::string family;
    if (!text.ends_with('\n')) throw std::runtime_error("the last line does not end");
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        Line line(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (line.take("# HELP ")) {
            family = line.name();
            line.expect(" ");
            if (!exposition.helps.emplace(family, line.all()).second) line.fail("a second HELP");
        } else if (line.take("# TYPE ")) {
            if (line.name() != family) line.fail("expected the TYPE of " + family);
            line.expect(" ");
            const std::string type = line.all();
            if (type != "counter" && type != "gauge" && type != "histogram") line.fail("no such type: " + type);
            if (!exposition.types.emplace(family, type).second) line.fail("a second TYPE");
        } else {
            Sample sample = read_sample(line);
            if (!exposition.types.contains(family)) line.fail("a sample before the TYPE of its family");
            if (family_of(sample, exposition.types) != family) line.fail("a sample that is not of " + family);
            if (!seen.emplace(sample.name, sample.labels).second) line.fail("the same sample twice");
            exposition.samples.push_back(std::move(sample));
        }
    }
    return exposition;
}

}  // namespace uncut::harness::test
