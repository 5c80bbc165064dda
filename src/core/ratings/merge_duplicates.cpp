#include "core/ratings/merge_duplicates.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/runtime/error.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

class Merger {
  public:
    Merger(OnDuplicate rule, Ratings& ratings, Host& host)
        : rule_(rule),
          ratings_(ratings),
          columns_(ratings.by_user.columns),
          values_(ratings.by_user.values),
          times_(ratings.times),
          progress_(host) {}

    std::int64_t run() {
        auto& start = ratings_.by_user.start;
        std::int64_t from = 0, written = 0;
        for (std::size_t user = 0; user + 1 < start.size(); user++) {
            const std::int64_t to = start[user + 1];
            written = merge_user(static_cast<std::int64_t>(user), from, to, written);
            start[user + 1] = written;
            progress_.count(to - from + 1);
            from = to;
        }
        columns_.resize(static_cast<std::size_t>(written));
        values_.resize(static_cast<std::size_t>(written));
        if (!times_.empty()) times_.resize(static_cast<std::size_t>(written));
        return from - written;
    }

  private:
    // Moves the user's entries [from, to) to `written` and on; returns their end.
    std::int64_t merge_user(std::int64_t user, std::int64_t from, std::int64_t to, std::int64_t written) {
        while (from < to) {
            std::int64_t end = from + 1;
            while (end < to && columns_[end] == columns_[from]) end++;
            values_[written] = end - from == 1 ? values_[from] : merged(user, from, end);
            columns_[written] = columns_[from];
            if (!times_.empty())
                times_[written] = *std::max_element(times_.begin() + from, times_.begin() + end);
            written++;
            from = end;
        }
        return written;
    }

    float merged(std::int64_t user, std::int64_t from, std::int64_t end) {
        switch (rule_) {
            case OnDuplicate::sum:
                return checked_sum(user, from, end);
            case OnDuplicate::mean:
                return static_cast<float>(sorted_sum(from, end) / static_cast<double>(end - from));
            case OnDuplicate::last:
                return last(from, end);
            case OnDuplicate::error:
                break;
        }
        throw InvalidInput(user_and_item(user, from) + " occur in more than one row",
                           "Remove the repeated rows, or choose on_duplicate => 'sum', 'mean' or 'last'.");
    }

    // Sorted, because a sum depends on the order of its terms, and the order of rows must not matter.
    double sorted_sum(std::int64_t from, std::int64_t end) {
        std::sort(values_.begin() + from, values_.begin() + end, [this](float a, float b) {
            progress_.count();
            return a < b;
        });
        double sum = 0;
        for (std::int64_t k = from; k < end; k++) sum += values_[k];
        return sum;
    }

    float checked_sum(std::int64_t user, std::int64_t from, std::int64_t end) {
        const auto sum = static_cast<float>(sorted_sum(from, end));
        if (std::isfinite(sum)) return sum;
        throw InvalidInput(
            "the ratings of " + user_and_item(user, from) + " add up to more than a rating can hold",
            "Choose on_duplicate => 'mean' or 'last', or divide the ratings by a constant.");
    }

    float last(std::int64_t from, std::int64_t end) const {
        std::int64_t best = from;
        for (std::int64_t k = from + 1; k < end; k++)
            if (is_after(k, best)) best = k;
        return values_[best];
    }

    bool is_after(std::int64_t a, std::int64_t b) const {
        if (!times_.empty() && times_[a] != times_[b]) return times_[a] > times_[b];
        return values_[a] > values_[b];
    }

    std::string user_and_item(std::int64_t user, std::int64_t entry) const {
        return "user " + to_string(ratings_.users.view().at(user)) + " and item " +
               to_string(ratings_.items.view().at(columns_[entry]));
    }

    OnDuplicate rule_;
    Ratings& ratings_;
    BulkVector<std::int32_t>& columns_;
    BulkVector<float>& values_;
    BulkVector<double>& times_;
    PollCounter progress_;
};

}  // namespace

std::int64_t merge_duplicates(OnDuplicate rule, Ratings& ratings, Host& host) {
    return Merger(rule, ratings, host).run();
}

}  // namespace personalize::core
