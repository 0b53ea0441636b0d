"""Pages for people: server-rendered, each of use without JavaScript."""
