import TestSupport
import Testing

@testable import KubernetesClient

@Suite("the store of a cache")
struct ObjectStoreTests {
    @Test("a list tells what came, changed and went")
    func lists() throws {
        var store = ObjectStore()
        let (a, b, c) = (try object("a", version: 1), try object("b", version: 2), try object("c", version: 3))
        #expect(store.replace(with: [a, b]) == [.added(a), .added(b)])
        let newer = try object("b", version: 4)
        #expect(store.replace(with: [newer, c]) == [.deleted(a), .updated(old: b, new: newer), .added(c)])
        #expect(store.replace(with: [newer, c]).isEmpty)
    }

    @Test("an object of another uid is another object")
    func recreated() throws {
        var store = ObjectStore()
        let (old, new) = (try object("a", version: 1), try object("a", version: 2, uid: "other"))
        _ = store.replace(with: [old])
        #expect(store.replace(with: [new]) == [.deleted(old), .added(new)])
        let third = try object("a", version: 3, uid: "third")
        #expect(store.apply(.modified(third)) == [.deleted(new), .added(third)])
    }

    @Test("what is told twice changes nothing")
    func repeated() throws {
        var store = ObjectStore()
        let a = try object("a", version: 1)
        #expect(store.apply(.added(a)) == [.added(a)])
        #expect(store.apply(.added(a)).isEmpty)
        #expect(store.apply(.deleted(a)) == [.deleted(a)])
        #expect(store.apply(.deleted(a)).isEmpty)
        #expect(store.apply(.bookmark(resourceVersion: "9")).isEmpty)
    }

    @Test("whoever follows the changes knows what the store knows")
    func replay() throws {
        var random = SeededGenerator(seed: 1)
        var store = ObjectStore()
        var follower: [ObjectKey: KubernetesObject] = [:]
        var version = 0
        for _ in 0..<5_000 {
            version += 1
            let name = random.pick(["a", "b", "c", "d", "e"])
            let object = try object(name, version: version, uid: random.pick(["1", "2"]))
            let changes: [ObjectChange]
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                let kept = store.objects.values.filter { _ in random.oneIn(2) }
                changes = store.replace(with: Array(kept.filter { $0.key.name != name }) + [object])
            case 1...3: changes = store.apply(.deleted(object))
            case 4...6: changes = store.apply(.added(object))
            default: changes = store.apply(.modified(object))
            }
            for change in changes {
                switch change {
                case .added(let object):
                    #expect(follower[object.key] == nil)
                    follower[object.key] = object
                case .updated(let old, let new):
                    #expect(follower[new.key] == old && old.uid == new.uid)
                    follower[new.key] = new
                case .deleted(let object):
                    #expect(follower[object.key] != nil)
                    follower[object.key] = nil
                }
            }
            #expect(follower == store.objects)
        }
    }
}
