#include "core/ratings/unite_items.hpp"

#include <utility>

namespace personalize::core {

UnitedItems unite_items(Ratings& ratings, IdView others, MemoryBudget& budget, Host& host) {
    IdDictionary dictionary(others.type(), &budget);
    const IdView rated = ratings.items.view();
    std::vector<std::uint32_t> codes;
    PollCounter progress(host);
    for (const IdView& ids : {rated, others})
        for (std::int64_t k = 0; k < ids.size(); k++) {
            codes.push_back(dictionary.code(ids.at(k)));
            progress.count();
        }
    std::vector<std::int32_t> index_of_code;
    IdList united = dictionary.finish(index_of_code, host);
    UnitedItems result;
    for (std::size_t k = 0; k < codes.size(); k++)
        (std::ssize(result.rated) < rated.size() ? result.rated : result.others)
            .push_back(index_of_code[codes[k]]);
    for (std::int32_t& item : ratings.by_user.columns) item = result.rated[item];
    ratings.by_user.columns_count = united.size();
    ratings.items = std::move(united);
    return result;
}

SparseMatrix spread_rows(SparseMatrix matrix, const std::vector<std::int32_t>& to, std::int64_t rows) {
    std::vector<std::int64_t> start(static_cast<std::size_t>(rows) + 1);
    for (std::size_t k = 0; k < to.size(); k++)
        start[static_cast<std::size_t>(to[k]) + 1] = matrix.start[k + 1] - matrix.start[k];
    for (std::size_t row = 1; row < start.size(); row++) start[row] += start[row - 1];
    matrix.start = std::move(start);
    return matrix;
}

}  // namespace personalize::core
