from small_cluster import SmallDevice, person, small_cluster


def test_smoke():
    cluster = small_cluster()
    host = cluster.gateways[0].host
    a, b = SmallDevice("a", person()), SmallDevice("b", person())
    a.join(host)
    cluster.pass_time()
    b.join(host)
    cluster.pass_time()
    a.say("hello", id_="1", uid=1)
    cluster.pass_time()
    assert b.seqs == [1, 2, 3, 4]
    assert a.seqs == [2, 3, 4]
    cluster.worker_of(1).kill()
    a.say("hello again", id_="2", uid=2)
    cluster.pass_time(2)
    assert b.seqs == [1, 2, 3, 4, 5, 6, 7, 8]
    assert a.seqs == [2, 3, 4, 6, 7, 8]
    a.leave()
    b.leave()
    cluster.pass_time()
    assert host.conversations == []
