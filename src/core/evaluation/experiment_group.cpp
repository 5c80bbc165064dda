#include "core/evaluation/experiment_group.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

// Apart from other uses of the hash, such as holdouts: "experiment" in ASCII, cut to a word.
constexpr std::uint64_t kSeed = 0x6578706572696D65ull;
constexpr std::size_t kUuidText = 36;

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_hex(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_dash_place(std::size_t place) noexcept {
    return place == 8 || place == 13 || place == 18 || place == 23;
}

bool spells_uuid(std::string_view text) noexcept {
    if (text.size() != kUuidText) return false;
    for (std::size_t k = 0; k < kUuidText; k++)
        if (is_dash_place(k) ? text[k] != '-' : !is_hex(text[k])) return false;
    return true;
}

std::string uuid_text(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(kUuidText);
    for (const char c : bytes) {
        if (is_dash_place(text.size())) text += '-';
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

// The one spelling of a user's id.
std::string spelling(const Id& user) {
    if (user.type == IdType::integer) return std::to_string(user.integer);
    if (user.type == IdType::uuid) return uuid_text(user.bytes);
    std::string text(user.bytes);
    if (spells_uuid(text)) std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

}  // namespace

void check_shares(std::span<const double> shares) {
    static const std::string kHint =
        "Give each group its share of the users, together at most 1, for example {0.5,0.5}.";
    if (shares.empty()) throw InvalidInput("shares are empty", kHint);
    double sum = 0;
    for (std::size_t k = 0; k < shares.size(); k++) {
        if (!(shares[k] >= 0 && shares[k] <= 1 + kShareTolerance))
            throw InvalidInput("share " + std::to_string(k + 1) + " is " + number(shares[k]), kHint);
        sum += shares[k];
    }
    if (sum > 1 + kShareTolerance) throw InvalidInput("shares add up to " + number(sum), kHint);
}

double experiment_point(const Id& user, std::string_view experiment) {
    return unit_interval(hash_ids(Id::text(experiment), Id::text(spelling(user)), kSeed));
}

std::optional<int> experiment_group(const Id& user, std::string_view experiment,
                                    std::span<const double> shares) {
    const double point = experiment_point(user, experiment);
    double end = 0;
    std::optional<int> last;
    for (std::size_t k = 0; k < shares.size(); k++) {
        end += shares[k];
        if (shares[k] > 0) last = static_cast<int>(k + 1);
        if (point < end) return static_cast<int>(k + 1);
    }
    // Rounding leaves nobody outside of shares that mean to cover everyone.
    if (end >= 1 - kShareTolerance) return last;
    return std::nullopt;
}

}  // namespace personalize::core
