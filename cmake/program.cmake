# build/bin/kinesink: the command line. The only target that links Arrow C++.
kinesink_room(cli FOLDER cli DEPENDS sink reader local)
