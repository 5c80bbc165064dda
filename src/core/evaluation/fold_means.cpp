#include "core/evaluation/fold_means.hpp"

#include <cmath>

#include "core/evaluation/averages.hpp"

namespace personalize::core {

std::vector<Measure> fold_means(std::span<const Evaluation> folds) {
    std::vector<Measure> means;
    for (std::size_t m = 0; m < folds[0].measures.size(); m++) {
        Average value, popularity;
        Measure mean = {folds[0].measures[m].name, 0, 0, 0, 0, 0};
        for (const Evaluation& fold : folds) {
            const Measure& measure = fold.measures[m];
            if (!std::isnan(measure.value)) value.add(measure.value);
            if (!std::isnan(measure.popularity)) popularity.add(measure.popularity);
            mean.users += measure.users;
            mean.ratings += measure.ratings;
        }
        mean.value = value.mean();
        mean.standard_error = value.standard_error();
        mean.popularity = popularity.mean();
        means.push_back(mean);
    }
    return means;
}

}  // namespace personalize::core
