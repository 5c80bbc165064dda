#include "core/model/user_profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>

#include "core/model/popular.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

std::string number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return text;
}

// What number() says: values are for reading.
double rounded(double x) { return std::strtod(number(x).c_str(), nullptr); }

std::string amount_of(std::int64_t part, std::int64_t whole, const char* what) {
    return std::to_string(part) + " of " + std::to_string(whole) + " " + what;
}

struct Moments {
    double mean = 0, deviation = 0;
    float least = 0, greatest = 0;
};

// Of one rating at least.
Moments moments_of(std::span<const float> ratings) {
    Moments result;
    const auto n = static_cast<double>(ratings.size());
    for (const float rating : ratings) result.mean += rating;
    result.mean /= n;  // exact where all are equal
    for (const float rating : ratings)
        result.deviation += (rating - result.mean) * (rating - result.mean) / n;
    result.deviation = std::sqrt(result.deviation);
    const auto [least, greatest] = std::minmax_element(ratings.begin(), ratings.end());
    result.least = *least;
    result.greatest = *greatest;
    return result;
}

class Profiler {
  public:
    Profiler(Recommender& recommender, const ModelParts& parts, const KnownUser& user, Host& host)
        : recommender_(recommender), parts_(parts), user_(user), host_(host) {}

    std::vector<ProfileRow> make() {
        activity();
        if (user_.history != nullptr && user_.has_times) times();
        if (has_ratings()) ratings();
        if (user_.taste.personal) terms();
        if (has_ratings()) items();
        answers();
        list();
        return std::move(rows_);
    }

  private:
    void put(std::string_view aspect, std::string name, std::optional<double> value, std::string detail) {
        rows_.push_back({aspect, std::move(name), value, std::move(detail)});
    }

    bool has_ratings() const {
        return user_.history != nullptr && user_.has_ratings && !user_.history->seen().empty();
    }

    void activity() {
        if (user_.history != nullptr) {
            const std::int64_t rows = user_.history->rows(), unknown = user_.history->unknown_rows();
            std::string detail = rows == 0 ? "no history" : "";
            if (unknown > 0)
                detail = std::to_string(unknown) + " of them of items that the model does not know";
            put("activity", "ratings", static_cast<double>(rows), std::move(detail));
        }
        std::string detail = user_.seen.empty() ? "" : comparison();
        if (user_.history == nullptr)
            detail = std::string("as stored at the training") + (detail.empty() ? "" : ", ") + detail;
        put("activity", "items", static_cast<double>(user_.seen.size()), std::move(detail));
    }

    // Of how many users' history theirs is the longer one.
    std::string comparison() {
        PollCounter progress(host_);
        const std::int64_t users = parts_.users.size();
        std::int64_t shorter = 0;
        for (std::int64_t user = 0; user < users; user++) {
            progress.count(std::ssize(parts_.seen.gaps(user)) + 1);
            shorter += parts_.seen.count(user) < std::ssize(user_.seen);
        }
        char text[64];
        std::snprintf(text, sizeof text, "more than %.0f %% of the users of the training",
                      std::floor(100 * static_cast<double>(shorter) / static_cast<double>(users)));
        return text;
    }

    void times() {
        const UserHistory& history = *user_.history;
        if (history.first_time() > history.last_time()) return;
        time("first rating", history.first_time(), user_.first_time);
        time("last rating", history.last_time(), user_.last_time);
    }

    void time(const char* name, double value, const std::string& date) {
        put("activity", name, date.empty() ? std::optional(value) : std::nullopt, date);
    }

    void ratings() {
        const auto ratings = user_.history->ratings();
        const Moments moments = moments_of(ratings);
        put("rating", "mean", rounded(moments.mean), beside_all(moments.mean));
        put("rating", "deviation", rounded(moments.deviation),
            "from " + number(moments.least) + " to " + number(moments.greatest));
        if (!parts_.rule.has_positive_from) return;
        const float from = parts_.rule.positive_from;
        const auto liked =
            std::count_if(ratings.begin(), ratings.end(), [from](float rating) { return rating >= from; });
        put("rating", "liked", static_cast<double>(liked),
            amount_of(liked, std::ssize(ratings), "items, those rated ") + number(from) + " or more");
    }

    // The mean of all ratings is known to models that predict ratings.
    std::string beside_all(double mean) const {
        if (parts_.rule.feedback != Feedback::explicit_feedback) return "";
        const double all = parts_.rule.mean;
        const std::string difference = number(std::fabs(mean - all));
        return difference + (mean < all ? " below" : " above") + " the mean of all ratings, " + number(all);
    }

    // What is high or low in a number may be what they like.
    void terms() {
        std::vector<TasteTerm> favourites, dislikes;
        for (const TasteTerm& term : recommender_.terms_of(user_.taste)) {
            if (std::fabs(term.weight) < kLeastWeight) continue;
            const bool is_liked = term.is_amount || term.weight > 0;
            (is_liked ? favourites : dislikes).push_back(term);
        }
        favourites.resize(std::min(favourites.size(), kMostFavourites));
        dislikes.resize(std::min(dislikes.size(), kMostDislikes));
        for (const TasteTerm& term : favourites)
            put("favourite", std::string(term.name), rounded(term.weight), words_of_favourite(term));
        for (const TasteTerm& term : dislikes)
            put("disliked", std::string(term.name), rounded(term.weight),
                words_of_items(term.disliked, "disliked", term.liked, "liked"));
    }

    static std::string words_of_favourite(const TasteTerm& term) {
        if (term.is_amount) return term.weight > 0 ? "items where it is high" : "items where it is low";
        return words_of_items(term.liked, "liked", term.disliked, "disliked");
    }

    static std::string words_of_items(std::int64_t most, const std::string& what, std::int64_t rest,
                                      const std::string& contrary) {
        const std::string also = rest > 0 ? " and " + std::to_string(rest) + " " + contrary : "";
        return "of " + std::to_string(most) + " " + what + also + (most + rest == 1 ? " item" : " items");
    }

    // What is rated above the user's mean, and liked. Equal ones: what was rated last.
    void items() {
        const UserHistory& history = *user_.history;
        const auto ratings = history.ratings();
        const auto times = history.times();
        const double mean = moments_of(ratings).mean;
        std::vector<std::size_t> best;
        for (std::size_t k = 0; k < ratings.size(); k++)
            if (ratings[k] > mean && is_liked(ratings[k])) best.push_back(k);
        const auto most = std::min(best.size(), kMostFavouriteItems);
        std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(most), best.end(),
                          [&](std::size_t a, std::size_t b) {
                              return std::tie(ratings[b], times[b], a) < std::tie(ratings[a], times[a], b);
                          });
        best.resize(most);
        for (const std::size_t k : best)
            rows_.push_back({"favourite item", "", rounded(ratings[k]),
                             number(ratings[k] - mean) + " above their mean", history.seen()[k]});
    }

    bool is_liked(float rating) const {
        return parts_.rule.feedback == Feedback::explicit_feedback || parts_.rule.encode(rating) > 0;
    }

    // Of whom nothing is read, the same is said of users of the training: their ratings may be hidden.
    void answers() {
        const bool stored = user_.history == nullptr;
        const char* words = "nothing is known of this user: they get what is popular";
        if (user_.taste.personal)
            words = stored              ? "by what was stored of them at the training"
                    : user_.was_trained ? "by their ratings as they are now"
                                        : "by their ratings as they are now; new since the training";
        else if (!user_.seen.empty())
            words = "what they rated tells no taste: they get what is popular";
        put("personal", "answers", std::nullopt, words);
    }

    // How much of what recommend_for() answers is theirs, and how much of it everybody would get.
    void list() {
        ItemSet seen;
        seen.reset(parts_.items.size());
        for (const std::int32_t item : user_.seen) seen.insert(item);
        const std::vector<Scored> popular = most_popular(parts_, &seen, kProfileList, nullptr);
        std::vector<Scored> answer = popular;
        if (user_.taste.personal) recommender_.best_items(user_.taste, &seen, kProfileList, answer);
        std::map<std::string, int> reasons;
        for (const Scored& item : answer)
            if (user_.taste.personal && recommender_.is_personal(user_.taste, item))
                reasons[recommender_.reason(user_.taste, item.index)]++;
        const auto common = std::count_if(answer.begin(), answer.end(), [&](const Scored& item) {
            return std::any_of(popular.begin(), popular.end(),
                               [&](const Scored& other) { return other.index == item.index; });
        });
        std::ptrdiff_t personal = 0;
        std::string voices = " are there by their taste";
        for (const auto& [reason, count] : reasons) {
            if (reason != "personal")
                voices += (personal == 0 ? ": " : ", ") + std::to_string(count) + " " + reason;
            personal += count;
        }
        put_share("share personal", personal, std::ssize(answer), voices);
        put_share("overlap with popular", common, std::ssize(answer),
                  " are among the most popular items that they have not seen");
    }

    void put_share(const char* name, std::ptrdiff_t part, std::ptrdiff_t whole, const std::string& what) {
        if (whole == 0) return put("personal", name, std::nullopt, "no item is left to recommend");
        put("personal", name, rounded(static_cast<double>(part) / static_cast<double>(whole)),
            amount_of(part, whole, "answers") + what);
    }

    Recommender& recommender_;
    const ModelParts& parts_;
    const KnownUser& user_;
    Host& host_;
    std::vector<ProfileRow> rows_;
};

}  // namespace

std::vector<ProfileRow> user_profile(Recommender& recommender, const ModelParts& parts, const KnownUser& user,
                                     Host& host) {
    return Profiler(recommender, parts, user, host).make();
}

}  // namespace personalize::core
