// SPDX-License-Identifier: Apache-2.0
#include "file_ops.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <thread>

#include "test_support.h"

namespace lmcache {
namespace {

// One test per wrapper: that it is the call it is named after, and that a failure is -errno.
class PosixFileOpsTest : public testing::Test {
 protected:
  PosixFileOpsTest() {
    directory_.Write("file", "0123456789");
    fd_ = ops_.OpenAt(directory_.fd(), "file", O_RDWR | O_CLOEXEC, 0);
    EXPECT_GE(fd_, 0);
  }
  ~PosixFileOpsTest() override { ::close(fd_); }

  TempDirectory directory_;
  PosixFileOps ops_;
  int fd_;
};

TEST_F(PosixFileOpsTest, OpenAt) {
  const ScopedUmask none(0);
  const int fd = ops_.OpenAt(directory_.fd(), "new", O_CREAT | O_EXCL | O_WRONLY, 0640);
  EXPECT_GE(fd, 0);
  ::close(fd);
  EXPECT_EQ(directory_.PermissionsOf("new"), 0640u);
  EXPECT_EQ(ops_.OpenAt(directory_.fd(), "new", O_CREAT | O_EXCL | O_WRONLY, 0640), -EEXIST);
  EXPECT_EQ(ops_.OpenAt(directory_.fd(), "absent", O_RDONLY, 0), -ENOENT);
}

TEST_F(PosixFileOpsTest, FStat) {
  struct stat found;
  EXPECT_EQ(ops_.FStat(fd_, &found), 0);
  EXPECT_EQ(found.st_size, 10);
  EXPECT_EQ(ops_.FStat(-1, &found), -EBADF);
}

TEST_F(PosixFileOpsTest, FStatAtDoesNotFollowLinks) {
  struct stat found;
  ASSERT_EQ(::symlink("file", directory_.PathOf("link").c_str()), 0);
  EXPECT_EQ(ops_.FStatAt(directory_.fd(), "link", &found), 0);
  EXPECT_TRUE(S_ISLNK(found.st_mode));
  EXPECT_EQ(ops_.FStatAt(directory_.fd(), "file", &found), 0);
  EXPECT_TRUE(S_ISREG(found.st_mode));
  EXPECT_EQ(found.st_size, 10);
  EXPECT_EQ(ops_.FStatAt(directory_.fd(), "absent", &found), -ENOENT);
}

TEST_F(PosixFileOpsTest, PRead) {
  std::string data(4, '?');
  EXPECT_EQ(ops_.PRead(fd_, data.data(), 4, 8), 2);
  EXPECT_EQ(data, "89??");
  EXPECT_EQ(ops_.PRead(fd_, data.data(), 4, 10), 0);
  EXPECT_EQ(ops_.PRead(-1, data.data(), 4, 0), -EBADF);
}

TEST_F(PosixFileOpsTest, PWrite) {
  EXPECT_EQ(ops_.PWrite(fd_, "xy", 2, 3), 2);
  EXPECT_EQ(directory_.Read("file"), "012xy56789");
  EXPECT_EQ(ops_.PWrite(-1, "xy", 2, 3), -EBADF);
}

TEST_F(PosixFileOpsTest, FChmod) {
  EXPECT_EQ(ops_.FChmod(fd_, 0604), 0);
  EXPECT_EQ(directory_.PermissionsOf("file"), 0604u);
  EXPECT_EQ(ops_.FChmod(-1, 0604), -EBADF);
}

TEST_F(PosixFileOpsTest, Close) {
  const int fd = ops_.OpenAt(directory_.fd(), "file", O_RDONLY | O_CLOEXEC, 0);
  EXPECT_EQ(ops_.Close(fd), 0);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
  EXPECT_EQ(ops_.Close(-1), -EBADF);
}

TEST_F(PosixFileOpsTest, RenameAt) {
  TempDirectory other;
  EXPECT_EQ(ops_.RenameAt(directory_.fd(), "file", other.fd(), "moved"), 0);
  EXPECT_TRUE(directory_.Names().empty());
  EXPECT_EQ(other.Read("moved"), "0123456789");
  EXPECT_EQ(ops_.RenameAt(directory_.fd(), "file", other.fd(), "moved"), -ENOENT);
}

TEST_F(PosixFileOpsTest, UnlinkAt) {
  EXPECT_EQ(ops_.UnlinkAt(directory_.fd(), "file"), 0);
  EXPECT_TRUE(directory_.Names().empty());
  EXPECT_EQ(ops_.UnlinkAt(directory_.fd(), "file"), -ENOENT);
}

TEST_F(PosixFileOpsTest, FStatVfs) {
  struct statvfs found {};
  EXPECT_EQ(ops_.FStatVfs(fd_, &found), 0);
  EXPECT_GT(found.f_bsize, 0u);
  EXPECT_GT(found.f_blocks, 0u);
  EXPECT_EQ(ops_.FStatVfs(-1, &found), -EBADF);
}

TEST_F(PosixFileOpsTest, FSetXattrAndFGetXattr) {
  std::string value(8, '?');
  EXPECT_EQ(ops_.FGetXattr(fd_, "user.test", value.data(), 8), -ENODATA);
  EXPECT_EQ(ops_.FSetXattr(fd_, "user.test", "before", 6), 0);
  EXPECT_EQ(ops_.FSetXattr(fd_, "user.test", "after", 5), 0);
  EXPECT_EQ(ops_.FGetXattr(fd_, "user.test", value.data(), 8), 5);
  EXPECT_EQ(value, "after???");
  EXPECT_EQ(ops_.FGetXattr(fd_, "user.test", value.data(), 4), -ERANGE);
  EXPECT_EQ(ops_.FSetXattr(-1, "user.test", "after", 5), -EBADF);
}

TEST_F(PosixFileOpsTest, FChmodAtDoesNotFollowLinks) {
  ASSERT_EQ(::symlink("file", directory_.PathOf("link").c_str()), 0);
  EXPECT_EQ(ops_.FChmodAt(directory_.fd(), "file", 0604), 0);
  EXPECT_LT(ops_.FChmodAt(directory_.fd(), "link", 0640), 0);
  EXPECT_EQ(directory_.PermissionsOf("file"), 0604u);
  EXPECT_EQ(ops_.FChmodAt(directory_.fd(), "absent", 0604), -ENOENT);
}

TEST_F(PosixFileOpsTest, MkdirAt) {
  const ScopedUmask none(0);
  EXPECT_EQ(ops_.MkdirAt(directory_.fd(), "new", 0750), 0);
  EXPECT_EQ(directory_.PermissionsOf("new"), 0750u);
  EXPECT_EQ(ops_.MkdirAt(directory_.fd(), "new", 0750), -EEXIST);
}

// Has the kernel refuse shared mappings to the calling thread, as FUSE does for some files, and
// others if `all`. For the rest of its life.
void RefuseMappings(bool all) {
  const uint32_t refused = all ? MAP_SHARED | MAP_PRIVATE : MAP_SHARED;
  constexpr auto flags_at = static_cast<uint32_t>(offsetof(seccomp_data, args[3]));
  constexpr auto fd_at = static_cast<uint32_t>(offsetof(seccomp_data, args[4]));
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, fd_at),
      // Memory is no file.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xFFFFFFFF, 3, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags_at),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, refused, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENODEV),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {std::size(filter), filter};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST_F(PosixFileOpsTest, MinCoreNeedsNoSharedMapping) {
  EXPECT_EQ(ops_.MinCore(fd_, 10), 1) << "it was just written";
  std::thread([this] {
    RefuseMappings(false);
    EXPECT_EQ(::mmap(nullptr, 10, PROT_READ, MAP_SHARED, fd_, 0), MAP_FAILED);
    EXPECT_EQ(ops_.MinCore(fd_, 10), 1);
  }).join();
  std::thread([this] {
    RefuseMappings(true);
    EXPECT_EQ(ops_.MinCore(fd_, 10), -ENODEV);
  }).join();
  EXPECT_EQ(ops_.MinCore(-1, 10), -EBADF);
}

}  // namespace
}  // namespace lmcache
