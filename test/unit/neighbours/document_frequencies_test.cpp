#include "core/neighbours/document_frequencies.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

using Documents = std::vector<std::set<std::string>>;
using Values = std::map<std::string, double>;

// Some terms longer than what a std::string holds itself, one the empty text.
Documents made_documents(std::size_t count) {
    Random random(3, 0);
    Documents documents(count);
    for (auto& document : documents)
        for (std::uint64_t k = random.below(20); k > 0; k--) {
            const std::uint64_t term = random.below(50);
            document.insert(term == 0 ? "" : std::string(term % 3 * 20, 'x') + std::to_string(term));
        }
    return documents;
}

void add(DocumentFrequencies& frequencies, const Documents& documents, std::size_t begin, std::size_t end) {
    for (std::size_t d = begin; d < end; d++) {
        frequencies.add_document();
        for (const std::string& term : documents[d]) frequencies.add_term(term);
    }
}

Values values_of(const DocumentFrequencies& frequencies) {
    Values values;
    frequencies.each([&](std::string_view term, double idf) { values[std::string(term)] = idf; });
    return values;
}

Values counted(const Documents& documents) {
    std::map<std::string, int> containing;
    for (const auto& document : documents)
        for (const std::string& term : document) containing[term]++;
    Values values;
    for (const auto& [term, n] : containing)
        values[term] = std::log(static_cast<double>(documents.size()) / n);
    return values;
}

TEST(DocumentFrequencies, AsCounted) {
    const Documents documents = made_documents(200);
    MemoryBudget budget(SIZE_MAX);
    DocumentFrequencies frequencies(budget);
    add(frequencies, documents, 0, 200);
    EXPECT_EQ(frequencies.documents(), 200);
    EXPECT_EQ(values_of(frequencies), counted(documents));
}

TEST(DocumentFrequencies, IdfIsTheLogarithmOfTheRatio) {
    EXPECT_EQ(idf(7, 7), 0);
    EXPECT_DOUBLE_EQ(idf(100, 1), 4.605170185988092);
}

TEST(DocumentFrequencies, PartsCombine) {
    const Documents documents = made_documents(60);
    MemoryBudget budget(SIZE_MAX);
    for (const std::size_t cut : {0, 1, 30, 60}) {
        DocumentFrequencies first(budget), second(budget), from_bytes(budget);
        add(first, documents, 0, cut);
        add(second, documents, cut, 60);
        for (const DocumentFrequencies* part : {&first, &second}) {
            std::vector<char> bytes(part->byte_size());
            part->write_bytes(bytes.data());
            from_bytes.combine_bytes(bytes);
        }
        first.combine(second);
        EXPECT_EQ(values_of(first), counted(documents));
        EXPECT_EQ(values_of(from_bytes), counted(documents));
    }
}

TEST(DocumentFrequencies, CutBytesAreRefused) {
    MemoryBudget budget(SIZE_MAX);
    DocumentFrequencies frequencies(budget);
    frequencies.add_document();
    frequencies.add_term("term");
    std::vector<char> bytes(frequencies.byte_size());
    frequencies.write_bytes(bytes.data());
    const std::span<const char> whole(bytes);
    for (std::size_t size = 0; size < bytes.size(); size++) {
        if (size == sizeof(std::int64_t)) continue;  // documents without terms
        DocumentFrequencies cut(budget);
        EXPECT_THROW(cut.combine_bytes(whole.first(size)), InvalidInput) << size;
    }
}

TEST(DocumentFrequencies, MemoryIsClaimed) {
    MemoryBudget budget(100000);
    DocumentFrequencies frequencies(budget);
    EXPECT_THROW(
        {
            for (int k = 0; k < 100000; k++) frequencies.add_term(std::to_string(k));
        },
        MemoryLimitExceeded);
    EXPECT_GT(frequencies.terms(), 100u);
    EXPECT_LT(frequencies.terms(), 2000u);
}

}  // namespace
}  // namespace personalize::core
