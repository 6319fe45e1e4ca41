"""The counter without writing (書かない窓口): one visit, one interview, many procedures; and the hall on wheels."""
