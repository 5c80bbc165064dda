#include "core/model/knn_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/model/neighbour_recommender.hpp"
#include "core/model/seen_values.hpp"
#include "core/model/user_neighbour_payload.hpp"
#include "core/neighbours/nearest_users.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

namespace {

SparseMatrix likes_of(const SparseMatrix& by_user) {
    SparseMatrix likes;
    likes.columns_count = by_user.columns_count;
    for (std::int64_t user = 0; user < by_user.rows(); user++) {
        const SparseRow row = by_user.row(user);
        for (std::size_t k = 0; k < row.size(); k++) {
            if (!(row.values[k] > 0)) continue;
            likes.columns.push_back(row.columns[k]);
            likes.values.push_back(row.values[k]);
        }
        likes.start.push_back(std::ssize(likes.columns));
    }
    return likes;
}

template <class Options, class Memory, class Train>
SparseMatrix run(const SparseMatrix& by_user, const Options& options, MemoryBudget& budget, Host& host,
                 Memory memory, Train train, const char* hint = "") {
    MemoryClaim transposed(&budget, "the training");
    transposed.add(transpose_memory(by_user));
    const SparseMatrix by_item = transpose(by_user, options.threads, host);
    budget.reserve(memory(by_item, by_user, options), "the neighbours", hint);
    return train(by_item, by_user, options, host);
}

// Whether a similarity would take dislikes for likes.
bool must_leave_dislikes(const SparseMatrix& by_user, const KnnOptions& options) {
    const auto is_dislike = [](float value) { return !(value > 0); };
    return options.feedback == Feedback::implicit_feedback &&
           knows_members_only(std::get<knn::Options>(options.method).similarity) &&
           std::any_of(by_user.values.begin(), by_user.values.end(), is_dislike);
}

// What counts of the ratings, to make neighbours of: made of `by_user` where that is not all.
template <class Make>
auto of_what_counts(const SparseMatrix& by_user, const KnnOptions& options, MemoryBudget& budget, Make make) {
    if (!must_leave_dislikes(by_user, options)) return make(by_user);
    MemoryClaim claim(&budget, "the training");
    claim.add(sparse_matrix_memory(by_user.rows(), by_user.nonzeros()));
    return make(likes_of(by_user));
}

SparseMatrix find_neighbours(const SparseMatrix& by_user, const KnnOptions& options, MemoryBudget& budget,
                             Host& host) {
    if (const auto* linear = std::get_if<ease::Options>(&options.method))
        return run(
            by_user, *linear, budget, host, ease::memory, ease::train,
            "use train_knn with similarity => 'rp3beta', which needs no matrix of all items by all items, or "
            "a view without the rarest items");
    const auto& similar = std::get<knn::Options>(options.method);
    return of_what_counts(by_user, options, budget, [&](const SparseMatrix& counted) {
        return run(counted, similar, budget, host, knn::memory, knn::train);
    });
}

std::vector<float> offsets_of_users(const SparseMatrix& by_user, const std::vector<float>& item_offsets) {
    std::vector<float> offsets;
    for (std::int64_t user = 0; user < by_user.rows(); user++) {
        const SparseRow row = by_user.row(user);
        offsets.push_back(NeighbourRecommender::user_offset(row.columns, row.values, item_offsets));
    }
    return offsets;
}

std::vector<float> lengths_of_items(const SparseMatrix& by_user) {
    std::vector<double> squares(static_cast<std::size_t>(by_user.columns_count));
    for (std::size_t k = 0; k < by_user.columns.size(); k++)
        squares[by_user.columns[k]] += static_cast<double>(by_user.values[k]) * by_user.values[k];
    std::vector<float> lengths;
    for (const double square : squares) lengths.push_back(static_cast<float>(std::sqrt(square)));
    return lengths;
}

void index_users(const SparseMatrix& by_user, const KnnOptions& options, MemoryBudget& budget, Host& host,
                 KnnModel& model) {
    const auto& similar = std::get<knn::Options>(options.method);
    auto index = of_what_counts(by_user, options, budget, [&](const SparseMatrix& counted) {
        budget.reserve(knn::index_users_memory(counted), "the raters of items");
        return knn::index_users(counted, similar, host);
    });
    model.postings = std::move(index.postings);
    const std::vector<float> lengths = lengths_of_items(by_user);
    std::vector<float> offsets;
    if (options.feedback == Feedback::explicit_feedback)
        offsets = offsets_of_users(by_user, model.item_offsets);
    budget.reserve(user_neighbours_size(by_user.rows(), by_user.columns_count, options.feedback),
                   "the weights of users and items");
    model.payload = lay_out_user_neighbours(
        {similar, options.most_postings, index.item_weights, index.user_scales, lengths, offsets});
}

std::vector<float> offsets_of_items(const SparseMatrix& by_user) {
    std::vector<double> sum(static_cast<std::size_t>(by_user.columns_count));
    std::vector<std::int64_t> count(sum.size());
    for (std::size_t k = 0; k < by_user.columns.size(); k++) {
        sum[by_user.columns[k]] += by_user.values[k];
        count[by_user.columns[k]]++;
    }
    std::vector<float> offsets(sum.size());
    for (std::size_t i = 0; i < sum.size(); i++)
        offsets[i] = static_cast<float>(sum[i] / (kOffsetDamping + static_cast<double>(count[i])));
    return offsets;
}

}  // namespace

ModelParts KnnModel::parts(const Ratings& ratings) const {
    ModelParts parts = parts_without_factors(kind(), rule, ratings, popularity, popular_order, seen.view());
    parts.seen_values = seen_values;
    parts.neighbours = neighbours.view();
    parts.item_offsets = item_offsets;
    if (parts.kind == ModelKind::item_neighbours) return parts;
    parts.neighbours = {};
    parts.postings = postings.view();
    parts.payload = payload;
    return parts;
}

KnnModel train_knn(const Ratings& ratings, const FeedbackRule& rule, const KnnOptions& options,
                   MemoryBudget& budget, Host& host) {
    KnnModel model;
    model.rule = rule;
    model.seen = SeenItemsList(ratings.by_user, budget, host);
    model.seen_values = lay_out_values(ratings.by_user, model.seen.view(), budget);
    if (rule.feedback == Feedback::explicit_feedback) model.item_offsets = offsets_of_items(ratings.by_user);
    if (options.of_users)
        index_users(ratings.by_user, options, budget, host, model);
    else
        model.neighbours = find_neighbours(ratings.by_user, options, budget, host);
    model.popularity = count_popularity(ratings.by_user, rule.feedback);
    model.popular_order = order_by_popularity(model.popularity);
    return model;
}

}  // namespace personalize::core
