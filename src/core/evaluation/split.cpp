#include "core/evaluation/split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/evaluation/holdout.hpp"
#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

enum Part : std::uint8_t { kTrain, kTest, kNeither };
using Parts = std::vector<std::uint8_t>;  // of each entry

// Where an order has the held-out entries: what is before them is trained on.
struct Window {
    std::int64_t from, to;
    Part part(std::int64_t place) const { return place < from ? kTrain : place < to ? kTest : kNeither; }
};

class Splitter {
  public:
    Splitter(const Ratings& all, const SplitOptions& options, Host& host)
        : all_(all), options_(options), progress_(host), parts_(all.by_user.columns.size(), kTrain) {}

    Parts run() {
        if (options_.method == SplitMethod::time) {
            split_by_time();
        } else {
            for (std::int64_t user = 0; user < all_.by_user.rows(); user++) {
                split_user(user);
                progress_.count(8 * static_cast<std::int64_t>(all_.by_user.row(user).size()) + 1);
            }
        }
        return std::move(parts_);
    }

  private:
    void split_user(std::int64_t user) {
        const std::int64_t start = all_.by_user.start[user], count = all_.by_user.start[user + 1] - start;
        switch (options_.method) {
            case SplitMethod::random:
                for (std::int64_t k = start; k < start + count; k++) parts_[k] = random_part(user, k);
                return;
            case SplitMethod::leave_one_out:
                if (all_.times.empty())
                    hold_out_by_hash(user, start, count);
                else
                    hold_out_latest(start, count, 1);
                return;
            default:
                hold_out_latest(start, count, share_of(count));
        }
    }

    // The fraction of a number, rounded down; 100 x .29 is 29 although it is less in binary.
    std::int64_t share_of(std::int64_t count) const {
        return static_cast<std::int64_t>(static_cast<double>(count) * options_.fraction * (1 + 1e-12));
    }

    double position(std::int64_t user, std::int64_t entry) const {
        return unit_interval(hash_ids(all_.users.view().at(user),
                                      all_.items.view().at(all_.by_user.columns[entry]), options_.seed));
    }

    Part random_part(std::int64_t user, std::int64_t entry) const {
        if (options_.folds == 1)
            return in_holdout(all_.users.view().at(user), all_.items.view().at(all_.by_user.columns[entry]),
                              options_.fraction, options_.seed)
                       ? kTest
                       : kTrain;
        return static_cast<int>(position(user, entry) * options_.folds) == options_.fold ? kTest : kTrain;
    }

    void hold_out_by_hash(std::int64_t user, std::int64_t start, std::int64_t count) {
        if (count < options_.fold + 2) return;
        std::vector<std::pair<double, std::int64_t>> order;
        for (std::int64_t k = start; k < start + count; k++) order.emplace_back(position(user, k), k);
        std::nth_element(order.begin(), order.begin() + options_.fold, order.end());
        parts_[order[options_.fold].second] = kTest;
    }

    // `size` entries of one user: the latest in the first fold, in the next the ones before.
    void hold_out_latest(std::int64_t start, std::int64_t count, std::int64_t size) {
        const std::int64_t to = count - options_.fold * size;
        Window window{to - size, to};
        if (window.from < 1) window.from = std::max<std::int64_t>(to, 0);  // too few to hold out from
        order_.resize(static_cast<std::size_t>(count));
        std::iota(order_.begin(), order_.end(), start);
        std::stable_sort(order_.begin(), order_.end(),
                         [this](std::int64_t a, std::int64_t b) { return all_.times[a] < all_.times[b]; });
        for (std::int64_t k = 0; k < count; k++) parts_[order_[k]] = window.part(k);
    }

    void split_by_time() {
        const auto [from, to] = options_.moment ? std::pair(*options_.moment, kForever) : moments();
        for (std::size_t k = 0; k < parts_.size(); k++) {
            parts_[k] = all_.times[k] < from                   ? kTrain
                        : to == kForever || all_.times[k] < to ? kTest
                                                               : kNeither;
            progress_.count();
        }
    }

    std::pair<double, double> moments() {
        BulkVector<double> sorted = all_.times;
        std::sort(sorted.begin(), sorted.end(), [this](double a, double b) {
            progress_.count();
            return a < b;
        });
        const std::int64_t count = std::ssize(sorted);
        const std::int64_t size = std::max<std::int64_t>(1, share_of(count));
        const std::int64_t to = count - options_.fold * size, from = std::max<std::int64_t>(0, to - size);
        if (to < 1) throw InvalidInput("there are too few ratings for so many folds", "Ask for fewer folds.");
        return {sorted[from], to < count ? sorted[to] : kForever};
    }

    static constexpr double kForever = std::numeric_limits<double>::infinity();

    const Ratings& all_;
    const SplitOptions& options_;
    PollCounter progress_;
    Parts parts_;
    std::vector<std::int64_t> order_;
};

// New indexes of those that are used, in the same order; -1 for the others.
struct Renumbering {
    std::vector<std::int32_t> old_of_new, new_of_old;

    explicit Renumbering(const std::vector<std::uint8_t>& used) : new_of_old(used.size(), -1) {
        for (std::size_t old = 0; old < used.size(); old++) {
            if (!used[old]) continue;
            new_of_old[old] = static_cast<std::int32_t>(old_of_new.size());
            old_of_new.push_back(static_cast<std::int32_t>(old));
        }
    }
};

Ratings extract(const Ratings& all, const Parts& parts, Part wanted, Host& host) {
    const SparseMatrix& from = all.by_user;
    std::vector<std::uint8_t> users(static_cast<std::size_t>(from.rows())),
        items(static_cast<std::size_t>(from.columns_count));
    std::size_t count = 0;
    PollCounter progress(host);
    for (std::int64_t user = 0; user < from.rows(); user++) {
        for (std::int64_t k = from.start[user]; k < from.start[user + 1]; k++) {
            if (parts[k] != wanted) continue;
            users[user] = items[from.columns[k]] = 1;
            count++;
        }
        progress.count(from.start[user + 1] - from.start[user] + 1);
    }
    const Renumbering new_users(users), new_items(items);
    Ratings result;
    result.half_life = all.half_life;
    result.users = all.users.subset(new_users.old_of_new);
    result.items = all.items.subset(new_items.old_of_new);
    SparseMatrix& to = result.by_user;
    to.columns_count = std::ssize(new_items.old_of_new);
    to.columns.reserve(count);
    to.values.reserve(count);
    for (const std::int32_t user : new_users.old_of_new) {
        for (std::int64_t k = from.start[user]; k < from.start[user + 1]; k++) {
            if (parts[k] != wanted) continue;
            to.columns.push_back(new_items.new_of_old[from.columns[k]]);
            to.values.push_back(from.values[k]);
            if (all.half_life > 0) result.times.push_back(all.times[k]);
        }
        to.start.push_back(std::ssize(to.columns));
        progress.count(from.start[user + 1] - from.start[user]);
    }
    return result;
}

}  // namespace

Split split(const Ratings& all, const SplitOptions& options, Host& host) {
    const Parts parts = Splitter(all, options, host).run();
    Split result{extract(all, parts, kTrain, host), extract(all, parts, kTest, host)};
    for (const auto& [part, purpose] : {std::pair(&result.train, "to train on"), {&result.test, "held out"}})
        if (part->by_user.nonzeros() == 0)
            throw InvalidInput(std::string("the split leaves no rating ") + purpose + ": there are " +
                                   std::to_string(all.by_user.nonzeros()) + " ratings of " +
                                   std::to_string(all.users.size()) + " users",
                               "Choose another share, moment or number of folds, another kind of split, "
                               "or, for ratings that in_holdout() has divided before, another seed.");
    return result;
}

std::size_t split_memory(const Ratings& all) noexcept {
    const std::int64_t entries = all.by_user.nonzeros();
    const std::size_t ids = static_cast<std::size_t>(all.users.size() + all.items.size());
    // The parts, their transpose in training, the parts' marks and sorted times; two copies of the ids.
    return 2 * sparse_matrix_memory(all.by_user.rows(), entries) +
           static_cast<std::size_t>(entries) * (1 + (all.times.empty() ? 0 : 2 * sizeof(double))) +
           2 * (all.users.memory() + all.items.memory()) + ids * (1 + 2 * sizeof(std::int32_t));
}

}  // namespace personalize::core
