// The lists that many users are given, from what the training stored.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/model/recommender.hpp"
#include "core/ranking/top_k.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// Who is given a list: a user of the model, or IdView::kNotFound for one that it does not know.
struct Reader {
    std::int32_t user;
    std::vector<std::int32_t> candidates;  // items to choose from, where lists are made of candidates
};

struct ListOptions {
    int k = 10;
    bool exclude_seen = true;
    bool among_candidates = false;  // the candidates are all there is to choose from, seen or not
    int threads = 1;
};

// One list for each reader, best first.
class RankedLists {
  public:
    // As recommend_for answers: by taste, or popular items for those of whose taste nothing is known.
    static RankedLists personal(const ModelParts& model, const Recommender& recommender,
                                std::span<const Reader> readers, const ListOptions& options, Host& host);
    // What most users like, for everyone.
    static RankedLists popular(const ModelParts& model, std::span<const Reader> readers,
                               const ListOptions& options, Host& host);

    std::span<const Scored> of(std::size_t reader) const noexcept;

  private:
    static RankedLists among_candidates(const ModelParts& model, const Recommender& recommender,
                                        std::span<const Reader> readers, const ListOptions& options,
                                        Host& host);
    RankedLists(std::size_t readers, int k)
        : k_(static_cast<std::size_t>(k)), items_(readers * k_, {-1, 0}) {}
    void put(std::size_t reader, std::span<const Scored> list) noexcept;

    std::size_t k_;
    std::vector<Scored> items_;  // k_ for each reader; index -1 behind the end of a shorter list
};

}  // namespace personalize::core
