#include "format/timezone.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinesink::format {
namespace {

struct ZoneCase {
  std::string name;
  std::vector<std::pair<std::int64_t, std::int32_t>> minutes_at;
};

// Zone, seconds since the epoch, minutes east of UTC: from Python's zoneinfo.
const ZoneCase kCases[] = {
    {"Europe/Paris",
     {{-1000000000, 60},
      {0, 60},
      {951868800, 60},
      {1711846799, 60},
      {1711846800, 120},
      {1729990799, 120},
      {1729990800, 60},
      {2240524799, 60},
      {2240524800, 60},
      {4102444800, 60},
      {16725225600, 60},
      {253362124800, 120},
      {71394819141, 120},
      {97675231385, 60},
      {192393891383, 120}}},
    {"America/New_York",
     {{-1000000000, -240},
      {0, -300},
      {951868800, -300},
      {1711846799, -240},
      {1711846800, -240},
      {1729990799, -240},
      {1729990800, -240},
      {2240524799, -300},
      {2240524800, -300},
      {4102444800, -300},
      {16725225600, -300},
      {253362124800, -240},
      {231681059818, -240},
      {179271499305, -300},
      {145695276448, -300}}},
    {"Asia/Kolkata",
     {{-1000000000, 330},
      {0, 330},
      {951868800, 330},
      {1711846799, 330},
      {1711846800, 330},
      {1729990799, 330},
      {1729990800, 330},
      {2240524799, 330},
      {2240524800, 330},
      {4102444800, 330},
      {16725225600, 330},
      {253362124800, 330},
      {227757843183, 330},
      {212453231579, 330},
      {68476195700, 330}}},
    {"Australia/Lord_Howe",
     {{-1000000000, 600},
      {0, 600},
      {951868800, 660},
      {1711846799, 660},
      {1711846800, 660},
      {1729990799, 660},
      {1729990800, 660},
      {2240524799, 660},
      {2240524800, 660},
      {4102444800, 660},
      {16725225600, 660},
      {253362124800, 630},
      {15672226389, 630},
      {46819011131, 630},
      {99270463734, 660}}},
    {"America/Sao_Paulo",
     {{-1000000000, -180},
      {0, -180},
      {951868800, -180},
      {1711846799, -180},
      {1711846800, -180},
      {1729990799, -180},
      {1729990800, -180},
      {2240524799, -180},
      {2240524800, -180},
      {4102444800, -180},
      {16725225600, -180},
      {253362124800, -180},
      {238237837474, -180},
      {104138237352, -180},
      {28105238888, -180}}},
    {"Pacific/Apia",
     {{-1000000000, -690},
      {0, -660},
      {951868800, -660},
      {1711846799, 780},
      {1711846800, 780},
      {1729990799, 780},
      {1729990800, 780},
      {2240524799, 780},
      {2240524800, 780},
      {4102444800, 780},
      {16725225600, 780},
      {253362124800, 780},
      {66889568069, 780},
      {197624820633, 780},
      {112599997090, 780}}},
    {"Europe/Dublin",
     {{-1000000000, 60},
      {0, 60},
      {951868800, 0},
      {1711846799, 0},
      {1711846800, 60},
      {1729990799, 60},
      {1729990800, 0},
      {2240524799, 0},
      {2240524800, 0},
      {4102444800, 0},
      {16725225600, 0},
      {253362124800, 60},
      {48445007901, 0},
      {240158874657, 60},
      {106367980869, 60}}},
    {"America/Nuuk",
     {{-1000000000, -180},
      {0, -180},
      {951868800, -180},
      {1711846799, -120},
      {1711846800, -60},
      {1729990799, -60},
      {1729990800, -120},
      {2240524799, -120},
      {2240524800, -120},
      {4102444800, -120},
      {16725225600, -120},
      {253362124800, -60},
      {206843925086, -60},
      {20603589463, -120},
      {168099726058, -120}}},
    {"Antarctica/Troll",
     {{-1000000000, 0},
      {0, 0},
      {951868800, 0},
      {1711846799, 0},
      {1711846800, 120},
      {1729990799, 120},
      {1729990800, 0},
      {2240524799, 0},
      {2240524800, 0},
      {4102444800, 0},
      {16725225600, 0},
      {253362124800, 120},
      {122911022667, 0},
      {34903907430, 0},
      {3742654890, 120}}},
    {"Africa/Casablanca",
     {{-1000000000, 0},
      {0, 0},
      {951868800, 0},
      {1711846799, 0},
      {1711846800, 0},
      {1729990799, 60},
      {1729990800, 60},
      {2240524799, 60},
      {2240524800, 60},
      {4102444800, 60},
      {16725225600, 60},
      {253362124800, 60},
      {211353005819, 60},
      {47169139511, 60},
      {46696635776, 60}}},
    {"Asia/Tokyo",
     {{-1000000000, 540},
      {0, 540},
      {951868800, 540},
      {1711846799, 540},
      {1711846800, 540},
      {1729990799, 540},
      {1729990800, 540},
      {2240524799, 540},
      {2240524800, 540},
      {4102444800, 540},
      {16725225600, 540},
      {253362124800, 540},
      {87141902173, 540},
      {55669124082, 540},
      {242834115734, 540}}},
    {"Asia/Gaza",
     {{-1000000000, 120},
      {0, 120},
      {951868800, 120},
      {1711846799, 120},
      {1711846800, 120},
      {1729990799, 120},
      {1729990800, 120},
      {2240524799, 120},
      {2240524800, 120},
      {4102444800, 120},
      {16725225600, 120},
      {253362124800, 180},
      {174709951556, 180},
      {48124161579, 120},
      {54505892119, 120}}},
};

std::int32_t minutes_at(const TimeZone& zone, std::int64_t seconds) {
  const ZoneSpan span = zone.span_at(seconds);
  EXPECT_TRUE(span.contains(seconds)) << seconds;
  return span.offset / 60;
}

TEST(TimeZone, finds_the_offsets_of_named_zones) {
  for (const ZoneCase& c : kCases) {
    const auto zone = TimeZone::find(c.name);
    ASSERT_TRUE(zone) << zone.error().to_string();
    for (const auto& [seconds, minutes] : c.minutes_at) {
      EXPECT_EQ(minutes_at(*zone, seconds), minutes) << c.name << " at " << seconds;
    }
  }
}

TEST(TimeZone, answers_a_whole_span_at_once) {
  const auto zone = TimeZone::find("Europe/Paris");
  ASSERT_TRUE(zone);
  const ZoneSpan summer = zone->span_at(1'720'000'000);
  EXPECT_EQ(summer.begin, 1'711'846'800);
  EXPECT_EQ(summer.end, 1'729'990'800);
  EXPECT_EQ(summer.offset, 7200);
}

TEST(TimeZone, rounds_offsets_to_whole_minutes) {
  const auto zone = TimeZone::find("Europe/Paris");
  ASSERT_TRUE(zone);
  EXPECT_EQ(minutes_at(*zone, -2'500'000'000), 9) << "local mean time, 0:09:21";
}

TEST(TimeZone, reads_fixed_offsets) {
  const auto offset = [](std::string_view name) {
    const auto zone = TimeZone::find(name);
    return zone ? minutes_at(*zone, 0) : -9999;
  };
  EXPECT_EQ(offset("UTC"), 0);
  EXPECT_EQ(offset("Z"), 0);
  EXPECT_EQ(offset("+00:00"), 0);
  EXPECT_EQ(offset("+05:30"), 330);
  EXPECT_EQ(offset("-0330"), -210);
  EXPECT_EQ(offset("+05"), 300);
  EXPECT_EQ(offset("+23:59"), 1439);
  for (const char* wrong : {"+24:00", "+05:60", "+5", "+5:30", "05:30", "+", "+0530x", "--05"}) {
    EXPECT_EQ(offset(wrong), -9999) << wrong;
  }
}

TEST(TimeZone, refuses_what_the_database_does_not_have) {
  for (const char* name : {"", "Mars/Olympus", "../../../etc/passwd", "/etc/passwd", "Europe/",
                           "Europe", "tzdata.zi", "zone.tab", "Europe//Paris"}) {
    const auto zone = TimeZone::find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().kind, ErrorKind::not_found) << name;
  }
}

// Version 2, no transition: Kolkata's rule, or another.
std::string tzif(const std::string& rule) {
  std::string header = std::string("TZif2") + std::string(15, '\0');
  for (const char count : {0, 0, 0, 0, 1, 4}) header += std::string(3, '\0') + count;
  const std::string block = header + std::string("\0\0\x4d\x58\0\0IST\0", 10);
  return block + block + "\n" + rule + "\n";
}

TEST(TimeZone, reads_rules_of_every_form) {
  const auto minutes = [](const std::string& rule, std::int64_t seconds) {
    const auto zone = TimeZone::parse(tzif(rule));
    return zone ? minutes_at(*zone, seconds) : -9999;
  };
  constexpr std::int64_t kJanuary = 1'704'067'200;  // 2024-01-01T00:00:00Z
  constexpr std::int64_t kDay = 86'400;
  EXPECT_EQ(minutes("IST-5:30", kJanuary), 330);
  EXPECT_EQ(minutes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", kJanuary), -120);
  EXPECT_EQ(minutes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", kJanuary + 180 * kDay), -60);
  // All year in summer time (RFC 8536, section 3.3.1).
  EXPECT_EQ(minutes("EST5EDT,0/0,J365/25", kJanuary), -240);
  EXPECT_EQ(minutes("EST5EDT,0/0,J365/25", kJanuary + 4 * 3600), -240);
  EXPECT_EQ(minutes("EST5EDT,0/0,J365/25", kJanuary + 4 * 3600 + 1), -240);
  // J60 is March 1 in every year, 59 is February 29 in a leap year.
  EXPECT_EQ(minutes("A0B,J60/0,J300/0", kJanuary + 60 * kDay - 1), 0);
  EXPECT_EQ(minutes("A0B,J60/0,J300/0", kJanuary + 60 * kDay), 60);
  EXPECT_EQ(minutes("A0B,59/0,J300/0", kJanuary + 59 * kDay - 1), 0);
  EXPECT_EQ(minutes("A0B,59/0,J300/0", kJanuary + 59 * kDay), 60);
  for (const char* wrong : {"", "A", "5", "A0B,M13.1.1,M1.1.1", "A0B,M3.5.0", "A0B,M3.5.0,M3.6.0",
                            "A0B,J0,J1", "A168", "A0B,M3.5.0,M10.5.0x", "<A0"}) {
    EXPECT_EQ(minutes(wrong, kJanuary), wrong[0] == '\0' ? 330 : -9999) << wrong;
  }
}

TEST(TimeZone, refuses_every_cut_of_a_file) {
  const std::string whole = tzif("IST-5:30");
  for (std::size_t size = 0; size < whole.size() - 10; ++size) {
    EXPECT_FALSE(TimeZone::parse(std::string_view(whole).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace kinesink::format
