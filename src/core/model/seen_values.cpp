#include "core/model/seen_values.hpp"

#include <algorithm>

namespace personalize::core {

BulkVector<float> lay_out_values(const SparseMatrix& by_user, const SeenItems& seen, MemoryBudget& budget) {
    const auto is_one = [](float value) { return value == 1; };
    BulkVector<float> values;
    if (std::all_of(by_user.values.begin(), by_user.values.end(), is_one)) return values;
    budget.reserve(seen.gaps().size() * sizeof(float), "the ratings of users");
    values.resize(seen.gaps().size());
    std::fill(values.begin(), values.end(), 0.f);
    for (std::int64_t user = 0; user < by_user.rows(); user++) {
        const auto row = by_user.row(user).values;
        std::copy(row.begin(), row.end(), values.begin() + seen.start()[user]);
    }
    return values;
}

// Values lie where the user's gaps do: at least a byte each.
StoredRatings stored_ratings(const ModelParts& parts, std::int32_t user) {
    StoredRatings stored{parts.seen.of(user), {}};
    stored.values.assign(stored.items.size(), 1);
    if (!parts.seen_values.empty())
        std::copy_n(parts.seen_values.begin() + parts.seen.start()[user], stored.items.size(),
                    stored.values.begin());
    return stored;
}

}  // namespace personalize::core
