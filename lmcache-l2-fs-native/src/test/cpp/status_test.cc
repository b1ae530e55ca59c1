// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace lmcache {
namespace {

TEST(StatusTest, PacksOutcomeStepAndErrnoWhereJavaLooksForThem) {
  EXPECT_EQ(PackResult(ItemResult::Failed({Step::kRename, ENOSPC})),
            9 | (8 << 8) | (int64_t{ENOSPC} << 32));
  EXPECT_EQ(PackResult(ItemResult::Of(Outcome::kFound, 77)), 6);
}

}  // namespace
}  // namespace lmcache
