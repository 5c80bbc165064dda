#include "core/evaluation/ranked_lists.hpp"

#include <algorithm>
#include <memory>

#include "core/evaluation/test_cases.hpp"
#include "core/model/popular.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kReadersPerChunk = 16;

// Calls visit(reader) for all readers, on several threads; make_visit() sets up a thread's scratch memory.
template <class MakeVisit>
void for_each_reader(std::size_t count, int threads, Host& host, MakeVisit make_visit) {
    const auto readers = static_cast<std::int64_t>(count);
    parallel_chunks(host, threads, (readers + kReadersPerChunk - 1) / kReadersPerChunk, [&]() -> ChunkBody {
        return [visit = make_visit(), readers](std::int64_t chunk) {
            const std::int64_t end = std::min(readers, (chunk + 1) * kReadersPerChunk);
            for (std::int64_t reader = chunk * kReadersPerChunk; reader < end; reader++) {
                visit(static_cast<std::size_t>(reader));
                stop_point();
            }
        };
    });
}

}  // namespace

std::span<const Scored> RankedLists::of(std::size_t reader) const noexcept {
    const std::span<const Scored> all(items_.data() + reader * k_, k_);
    const auto end = std::find_if(all.begin(), all.end(), [](const Scored& item) { return item.index < 0; });
    return all.first(static_cast<std::size_t>(end - all.begin()));
}

void RankedLists::put(std::size_t reader, std::span<const Scored> list) noexcept {
    std::copy(list.begin(), list.end(), items_.begin() + static_cast<std::ptrdiff_t>(reader * k_));
}

RankedLists RankedLists::popular(const ModelParts& model, std::span<const Reader> readers,
                                 const ListOptions& options, Host& host) {
    RankedLists lists(readers.size(), options.k);
    for_each_reader(readers.size(), options.threads, host, [&] {
        return [&, seen = std::make_shared<ItemSet>()](std::size_t reader) {
            seen->reset(model.items.size());
            if (options.exclude_seen && !options.among_candidates)
                for_each_seen(model, readers[reader].user, [&](std::int32_t item) { seen->insert(item); });
            const auto* candidates = options.among_candidates ? &readers[reader].candidates : nullptr;
            lists.put(reader, most_popular(model, seen.get(), options.k, candidates));
        };
    });
    return lists;
}

RankedLists RankedLists::personal(const ModelParts& model, const Recommender& recommender,
                                  std::span<const Reader> readers, const ListOptions& options, Host& host) {
    if (options.among_candidates) return among_candidates(model, recommender, readers, options, host);
    std::vector<std::size_t> chosen;  // those that the model knows
    std::vector<std::int32_t> users;  // who they are
    std::vector<Reader> others;
    std::vector<std::size_t> place_of_other;
    for (std::size_t reader = 0; reader < readers.size(); reader++) {
        if (readers[reader].user != IdView::kNotFound) {
            chosen.push_back(reader);
            users.push_back(readers[reader].user);
        } else {
            others.push_back(readers[reader]);
            place_of_other.push_back(reader);
        }
    }
    RankedLists lists(readers.size(), options.k);
    const RankedLists popular_lists = popular(model, others, options, host);
    for (std::size_t k = 0; k < others.size(); k++) lists.put(place_of_other[k], popular_lists.of(k));
    std::vector<Scored> best;
    recommender.best_for_users({users, options.exclude_seen, options.k, options.threads}, host, best);
    for (std::size_t k = 0; k < chosen.size(); k++)
        lists.put(chosen[k], std::span(best).subspan(k * lists.k_, lists.k_));
    return lists;
}

RankedLists RankedLists::among_candidates(const ModelParts& model, const Recommender& recommender,
                                          std::span<const Reader> readers, const ListOptions& options,
                                          Host& host) {
    RankedLists lists(readers.size(), options.k);
    for_each_reader(readers.size(), options.threads, host, [&] {
        return [&, best = std::make_shared<std::vector<Scored>>()](std::size_t reader) {
            const auto& [user, candidates] = readers[reader];
            const Taste taste = user == IdView::kNotFound ? Taste() : recommender.stored_taste(user);
            if (taste.personal)
                recommender.best_candidates(taste, nullptr, candidates, options.k, *best);
            else
                *best = most_popular(model, nullptr, options.k, &candidates);
            lists.put(reader, *best);
        };
    });
    return lists;
}

}  // namespace personalize::core
