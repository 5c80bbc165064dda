#include "core/neighbours/nearest_users.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/ranking/best.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::knn {
namespace {

constexpr std::int64_t kUsers = 70, kItems = 30;

SparseMatrix random_ratings(bool stars, std::int64_t users = kUsers) {
    Random random(11, 0);
    SparseMatrix matrix;
    matrix.columns_count = kItems;
    for (std::int64_t u = 0; u < users; u++) {
        for (std::int32_t i = 0; i < kItems; i++) {
            if (random.uniform() >= .1 + .5 * static_cast<double>(i) / kItems) continue;
            matrix.columns.push_back(i);
            matrix.values.push_back(stars ? static_cast<float>(random.below(5)) - 1.7f : 1);
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

class Sample {
  public:
    Sample(const SparseMatrix& by_user, const Options& options)
        : by_user_(by_user), parts_(index_users(by_user, options, host_)) {
        index_ = {options, 0, false, parts_.postings.view(), parts_.item_weights, parts_.user_scales};
    }
    const UserIndex& index() const { return index_; }
    Asker asker_of(std::int64_t user) const {
        const SparseRow row = by_user_.row(user);
        return asker(index_, row.columns, row.values);
    }

  private:
    QuietHost host_;
    const SparseMatrix& by_user_;
    UserIndexParts parts_;
    UserIndex index_;
};

// Those of train(), which compares rows in double, by weight.
std::vector<Scored> row_of(const SparseMatrix& neighbours, std::int64_t user) {
    const SparseRow row = neighbours.row(user);
    std::vector<Scored> result;
    for (std::size_t k = 0; k < row.size(); k++) result.push_back({row.columns[k], row.values[k]});
    std::stable_sort(result.begin(), result.end(),
                     [](const Scored& a, const Scored& b) { return a.score > b.score; });
    return result;
}

// What is not zero but for rounding.
std::vector<Scored> above_rounding(std::vector<Scored> users) {
    std::erase_if(users, [](const Scored& user) { return user.score < 1e-5f; });
    return users;
}

void expect_those_of_train(const SparseMatrix& by_user, const Options& options) {
    QuietHost host;
    const Sample sample(by_user, options);
    const SparseMatrix expected = train(by_user, transpose(by_user), options, host);
    for (std::int64_t user = 0; user < kUsers; user++) {
        const auto found = above_rounding(nearest_users(sample.index(), sample.asker_of(user),
                                                        static_cast<std::int32_t>(user), options.neighbours));
        const auto wanted = above_rounding(row_of(expected, user));
        ASSERT_EQ(found.size(), wanted.size()) << user;
        for (std::size_t k = 0; k < found.size(); k++) {
            ASSERT_NEAR(found[k].score, wanted[k].score, 2e-5 * (1 + wanted[k].score)) << user;
            const auto same = std::ranges::find(wanted, found[k].index, &Scored::index);
            const bool is_last = wanted.back().score - found[k].score > -1e-5;  // may be tied with the next
            if (same != wanted.end())
                EXPECT_NEAR(same->score, found[k].score, 2e-5 * (1 + same->score));
            else
                EXPECT_TRUE(is_last) << user;
        }
    }
}

TEST(NearestUsers, AreThoseThatTrainingByRowsFinds) {
    for (const bool stars : {false, true})
        for (const auto similarity :
             {Similarity::cosine, Similarity::pearson, Similarity::jaccard, Similarity::cooccurrence})
            for (const auto weighting :
                 {UserWeighting::none, UserWeighting::activity, UserWeighting::idf, UserWeighting::bm25})
                for (const float shrinkage : {0.f, 3.f})
                    for (const int neighbours : {1, 12, 100}) {
                        SCOPED_TRACE(testing::Message()
                                     << stars << ' ' << static_cast<int>(similarity) << ' '
                                     << static_cast<int>(weighting) << ' ' << shrinkage << ' ' << neighbours);
                        if (similarity == Similarity::pearson && !stars) continue;  // there are no deviations
                        expect_those_of_train(random_ratings(stars), {.similarity = similarity,
                                                                      .neighbours = neighbours,
                                                                      .shrinkage = shrinkage,
                                                                      .user_weighting = weighting});
                    }
}

// Few of many: most blocks of users have none, and of equal ones the smaller indexes are kept.
TEST(NearestUsers, ShortListsAreTheStartOfLongOnes) {
    constexpr int kMany = 5000;
    for (const bool stars : {false, true}) {
        const SparseMatrix by_user = random_ratings(stars, kMany);
        const Sample sample(by_user, {.similarity = Similarity::cosine});
        for (const std::int32_t self : {-1, 0, 17, 4999}) {
            const Asker asker = sample.asker_of(std::max(self, 0));
            const std::vector<Scored> all = nearest_users(sample.index(), asker, self, kMany);
            ASSERT_GT(all.size(), 1000u);
            EXPECT_TRUE(std::ranges::is_sorted(all, better));
            for (const int k : {1, 2, 33, 77, 78, 79, 500}) {
                const std::vector<Scored> some = nearest_users(sample.index(), asker, self, k);
                ASSERT_EQ(some.size(), static_cast<std::size_t>(k));
                for (int place = 0; place < k; place++) {
                    EXPECT_EQ(some[place].index, all[place].index) << k;
                    EXPECT_EQ(some[place].score, all[place].score) << k;
                }
            }
        }
    }
}

// Of a model that was damaged: whoever is like nobody is left out, and hides no other.
TEST(NearestUsers, ThoseWithoutANumberAreLeftOut) {
    constexpr int kMany = 2000;
    const SparseMatrix by_user = random_ratings(true, kMany);
    const Sample sample(by_user, {.similarity = Similarity::cosine});
    std::vector<float> scales(sample.index().user_scales.begin(), sample.index().user_scales.end());
    for (std::size_t user = 0; user < scales.size(); user += 16)
        scales[user] = std::numeric_limits<float>::quiet_NaN();
    UserIndex damaged = sample.index();
    damaged.user_scales = scales;
    const Asker asker = sample.asker_of(1);
    std::vector<Scored> wanted = nearest_users(sample.index(), asker, 1, kMany);
    std::erase_if(wanted, [](const Scored& user) { return user.index % 16 == 0; });
    const std::vector<Scored> found = nearest_users(damaged, asker, 1, 20);
    ASSERT_EQ(found.size(), 20u);
    for (std::size_t k = 0; k < found.size(); k++) EXPECT_EQ(found[k].index, wanted[k].index);
}

TEST(NearestUsers, OneWhoIsNotKnownFindsTheirDouble) {
    const SparseMatrix by_user = random_ratings(true);
    for (const auto similarity : {Similarity::cosine, Similarity::pearson, Similarity::jaccard}) {
        const Sample sample(by_user, {.similarity = similarity});
        for (std::int64_t user = 0; user < kUsers; user++) {
            const auto found = nearest_users(sample.index(), sample.asker_of(user), -1, kUsers);
            const auto same = std::ranges::find(found, user, &Scored::index);
            ASSERT_NE(same, found.end());
            EXPECT_NEAR(same->score, 1, 1e-5);
        }
    }
}

TEST(NearestUsers, ProductsAddUpToTheSimilarity) {
    const SparseMatrix by_user = random_ratings(true);
    const Sample sample(by_user, {.similarity = Similarity::cosine, .user_weighting = UserWeighting::idf});
    const Asker asker = sample.asker_of(3);
    for (const Scored& user : nearest_users(sample.index(), asker, 3, 100)) {
        double sum = 0;
        for (std::size_t k = 0; k < asker.items.size(); k++)
            sum += product_with(sample.index(), asker, k, user.index);
        EXPECT_NEAR(sum * asker.scale * sample.index().user_scales[user.index], user.score, 1e-5);
    }
}

TEST(NearestUsers, WithALimitTheRarestItemsAreCompared) {
    const SparseMatrix by_user = random_ratings(true);
    const Sample sample(by_user, {.similarity = Similarity::cosine});
    UserIndex index = sample.index();
    const auto raters = [&](std::int32_t item) {
        return index.postings.start[item + 1] - index.postings.start[item];
    };
    for (const std::int64_t limit : {1, 40, 130, 1'000'000}) {
        index.most_postings = limit;
        for (std::int64_t user = 0; user < kUsers; user++) {
            const SparseRow row = by_user.row(user);
            std::vector<std::int32_t> rarest(row.columns.begin(), row.columns.end());
            std::stable_sort(rarest.begin(), rarest.end(),
                             [&](std::int32_t a, std::int32_t b) { return raters(a) < raters(b); });
            std::int64_t sum = 0;
            std::vector<std::int32_t> expected;
            for (const std::int32_t item : rarest)
                if ((sum += raters(item)) <= limit || expected.empty()) expected.push_back(item);
            std::ranges::sort(expected);
            EXPECT_EQ(asker(index, row.columns, row.values).items, expected) << limit << ' ' << user;
        }
    }
}

TEST(NearestUsers, OnesAreNotKept) {
    const Options options{.similarity = Similarity::jaccard};
    QuietHost host;
    EXPECT_TRUE(index_users(random_ratings(true), options, host).postings.values.empty());
    EXPECT_TRUE(index_users(random_ratings(false), Options{}, host).postings.values.empty());
    EXPECT_FALSE(index_users(random_ratings(true), Options{}, host).postings.values.empty());
}

TEST(NearestUsers, ThreadsChangeNothing) {
    const SparseMatrix by_user = random_ratings(true);
    QuietHost host;
    const UserIndexParts one = index_users(by_user, {.threads = 1}, host),
                         three = index_users(by_user, {.threads = 3}, host);
    EXPECT_TRUE(std::ranges::equal(one.postings.columns, three.postings.columns));
    EXPECT_TRUE(std::ranges::equal(one.postings.values, three.postings.values));
    EXPECT_EQ(one.user_scales, three.user_scales);
    EXPECT_EQ(one.item_weights, three.item_weights);
}

TEST(NearestUsers, SomeSimilaritiesCompareItemsOnly) {
    QuietHost host;
    for (const auto similarity : {Similarity::rp3beta, Similarity::adjusted_cosine})
        EXPECT_THROW(index_users(random_ratings(true), {.similarity = similarity}, host), InvalidInput);
    EXPECT_THROW(index_users(random_ratings(true), {.neighbours = 0}, host), InvalidInput);
    EXPECT_THROW(index_users(random_ratings(true), {.shrinkage = -1}, host), InvalidInput);
}

}  // namespace
}  // namespace personalize::core::knn
