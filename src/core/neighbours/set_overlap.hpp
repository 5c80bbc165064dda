// How much two sets have in common.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/runtime/memory_budget.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

struct SetOverlap {
    double both = 0;    // elements of both sets
    double either = 0;  // elements of one set or both

    // A row of two flags: is this element in the first set, in the second?
    void add(bool in_first, bool in_second) noexcept {
        both += in_first && in_second ? 1 : 0;
        either += in_first || in_second ? 1 : 0;
    }
    void combine(const SetOverlap& other) noexcept {
        both += other.both;
        either += other.either;
    }
    // both / either (Jaccard, The distribution of the flora in the alpine zone, 1912); none of two empty
    // sets.
    std::optional<double> jaccard() const noexcept {
        return either == 0 ? std::nullopt : std::optional(both / either);
    }
};

// Numbers as sets: repeats count once. Those in strictly ascending order are read in place, others sorted in
// a copy that is claimed from `budget`.
template <class T>
SetOverlap overlap(std::span<const T> a, std::span<const T> b, MemoryBudget& budget, Host& host) {
    PollCounter steps(host);
    std::vector<T> copies[2];
    const auto ascending = [&](std::span<const T> set, std::vector<T>& copy) {
        steps.count(std::ssize(set));
        if (std::adjacent_find(set.begin(), set.end(), std::greater_equal<T>()) == set.end()) return set;
        budget.reserve(set.size_bytes(), "the elements of a set");
        copy.assign(set.begin(), set.end());
        std::sort(copy.begin(), copy.end(), [&steps](T left, T right) {
            steps.count();
            return left < right;
        });
        copy.erase(std::unique(copy.begin(), copy.end()), copy.end());
        return std::span<const T>(copy);
    };
    const auto first = ascending(a, copies[0]), second = ascending(b, copies[1]);
    std::size_t both = 0, i = 0, j = 0;
    while (i < first.size() && j < second.size()) {
        const T left = first[i], right = second[j];
        both += left == right ? 1 : 0;
        i += left <= right ? 1 : 0;
        j += right <= left ? 1 : 0;
    }
    return {static_cast<double>(both), static_cast<double>(first.size() + second.size() - both)};
}

}  // namespace personalize::core
