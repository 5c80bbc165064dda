// A small model of random numbers that is right in every respect.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

struct SampleShape {
    Feedback feedback = Feedback::implicit_feedback;
    IdType users_type = IdType::integer, items_type = IdType::text;
    std::int64_t users = 20, items = 30;
    int rank = 5;
    std::uint64_t seen_in = 4;  // one item of so many has been seen
};

class SampleModel {
  public:
    explicit SampleModel(const SampleShape& shape = {})
        : random_(1, 0),
          users_(ids(shape.users_type, shape.users)),
          items_(ids(shape.items_type, shape.items)) {
        set_options(shape);
        user_factors_ = factors(shape.users, shape.rank);
        item_factors_ = factors(shape.items, shape.rank + 1);
        set_gram(shape.rank);
        for (std::int64_t i = 0; i < shape.items; i++)
            popularity_.push_back(static_cast<float>(random_.below(4)));
        popular_order_ = order_by_popularity(popularity_);
        for (std::int64_t u = 0; u < shape.users; u++) add_seen(shape);
    }

    ModelParts parts() const {
        ModelParts parts;
        parts.objective = objective_;
        parts.rule = rule_;
        parts.users = users_.view();
        parts.items = items_.view();
        parts.user_factors = user_factors_.view();
        parts.item_factors = item_factors_.view();
        parts.base_gram = base_gram_;
        parts.popularity = popularity_;
        parts.popular_order = popular_order_;
        parts.seen = seen_.view();
        return parts;
    }

  private:
    IdList ids(IdType type, std::int64_t count) {
        IdDictionary dictionary(type);
        for (std::int64_t k = 0; k < count; k++) {
            std::string bytes = std::to_string(k) + std::string(random_.below(20), 'x');
            if (type == IdType::uuid) bytes.resize(kUuidBytes, '\xf0');
            dictionary.code({type, type == IdType::integer ? k * k - 50 : 0, bytes});
        }
        QuietHost host;
        std::vector<std::int32_t> index_of_code;
        return dictionary.finish(index_of_code, host);
    }

    void set_options(const SampleShape& shape) {
        objective_ = {.feedback = shape.feedback, .rank = shape.rank, .regularization = .01f};
        rule_.feedback = shape.feedback;
        if (shape.feedback == Feedback::explicit_feedback) {
            rule_.mean = 3.5f;
            rule_.lowest = 1;
            rule_.highest = 5;
        } else {
            objective_.unobserved_weight = .1f;
            rule_.weighting = Weighting::log;
            rule_.has_positive_from = true;
            rule_.positive_from = 2;
            rule_.scale = 1.5f;
        }
    }

    Factors factors(std::int64_t rows, int column_of_ones) {
        Factors result(rows, objective_.width());
        for (std::int64_t r = 0; r < rows; r++) {
            for (int c = 0; c < result.width(); c++) result.row(r)[c] = static_cast<float>(random_.normal());
            if (objective_.has_biases()) result.row(r)[column_of_ones] = 1;
        }
        return result;
    }

    void set_gram(int rank) {
        if (objective_.has_biases()) return;
        base_gram_.resize(static_cast<std::size_t>(rank * padded(rank)));
        for (int a = 0; a < rank; a++)
            for (int b = 0; b < rank; b++)
                for (std::int64_t i = 0; i < item_factors_.rows(); i++)
                    base_gram_[static_cast<std::size_t>(a * padded(rank) + b)] +=
                        item_factors_.row(i)[a] * item_factors_.row(i)[b];
    }

    void add_seen(const SampleShape& shape) {
        std::vector<std::int32_t> items;
        for (std::int32_t i = 0; i < shape.items; i++)
            if (shape.seen_in > 0 && random_.below(shape.seen_in) == 0) items.push_back(i);
        seen_.add_user(items);
    }

    Random random_;
    IdList users_, items_;
    Objective objective_;
    FeedbackRule rule_;
    Factors user_factors_, item_factors_;
    std::vector<float> base_gram_, popularity_;
    std::vector<std::int32_t> popular_order_;
    SeenItemsList seen_;
};

}  // namespace personalize::core
